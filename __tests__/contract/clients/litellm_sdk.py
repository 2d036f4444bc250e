"""litellm's image_generation, which rides on the OpenAI SDK."""

import asyncio
import io
import os

# Its table of prices would be fetched at every start.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

from cases import (
    CAT,
    DOG,
    KEY,
    MASK,
    PATIENCE,
    POOR_KEY,
    WRONG_KEY,
    base_url,
    cancelled_once_called,
    fetched,
    stopped,
    tell,
)

# It advises on standard output otherwise.
litellm.suppress_debug_info = True


def order(model, prompt, key=KEY, **more):
    return {"model": f"openai/{model}", "prompt": prompt, "api_base": base_url, "api_key": key, **more}


def generate(*args, **more):
    return litellm.aimage_generation(**order(*args, **more))


def generate_blocking(*args, **more):
    return asyncio.to_thread(litellm.image_generation, **order(*args, **more))


async def one():
    answer = await generate_blocking("draws", "url")
    headers = answer._hidden_params["additional_headers"]
    return {
        "pictures": [await fetched(answer.data[0].url)],
        "id": headers["llm_provider-x-request-id"],
        "size": answer.size,
    }


async def many(model, prompt, **more):
    answer = await generate(model, prompt, n=3, **more)
    return {"pictures": [item.b64_json for item in answer.data]}


def edit(prompt, images, **more):
    pictures = [io.BytesIO(picture) for picture in images]
    return litellm.aimage_edit(**order("gpt-image-2", prompt, image=pictures, **more))


async def edited(*args, **more):
    answer = await edit(*args, **more)
    return {"pictures": [item.b64_json for item in answer.data]}


async def variation():
    # It sends the picture alone, without the model that it is called with.
    about = order("dall-e-2", "")
    del about["prompt"]
    answer = await litellm.aimage_variation(image=io.BytesIO(CAT), **about)
    return {"pictures": [await fetched(answer.data[0].url)]}


def describe(error):
    told = {name: getattr(error, name, None) for name in ("code", "param", "type")}
    return {
        "class": type(error).__name__,
        "status": getattr(error, "status_code", None),
        **told,
        "id": getattr(error, "request_id", None),
    }


async def main():
    await tell(
        {
            "url": one(),
            "many": many("dall-e-2", "many", response_format="b64_json"),
            "gpt": many("gpt-image-2", "gpt"),
            "edit": edited("edit", [CAT]),
            "editMany": edited("editMany", [CAT, DOG], mask=io.BytesIO(MASK), n=2),
            "variation": variation(),
            "noPicture": edit("noPicture", [b"no picture"]),
            "format": generate("draws", "format", response_format="b64_json"),
            "size": generate("draws", "size", size="axb"),
            "blockingSize": generate_blocking("draws", "size", size="axb"),
            "model": generate("nope", "model"),
            "key": generate("draws", "refused", WRONG_KEY),
            "capability": generate("draws", "refused", POOR_KEY),
            "policy": generate("refuses", "policy"),
            "limited": generate("limited", "limited"),
            "broken": generate("fails", "broken"),
            "abort": cancelled_once_called("abort", generate("hangs", "abort")),
            "abortSeen": stopped("abort", 1),
            "timeout": generate("hangs", "timeout", timeout=PATIENCE),
            "timeoutSeen": stopped("timeout", 3),
        },
        describe,
    )


asyncio.run(main())
