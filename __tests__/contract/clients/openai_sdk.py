"""The OpenAI SDK for Python."""

import asyncio
import io

import openai

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
    describe_openai_error,
    fetched,
    stopped,
    tell,
)

client = openai.AsyncOpenAI(base_url=base_url, api_key=KEY)


def generate(model, prompt, by=client, **more):
    return by.images.generate(model=model, prompt=prompt, **more)


def edit(prompt, **more):
    return client.images.edit(model="gpt-image-2", prompt=prompt, **more)


def base64_in(answer):
    return {"pictures": [item.b64_json for item in answer.data]}


async def edited():
    return base64_in(await edit("edit", image=io.BytesIO(CAT)))


async def edited_many():
    images = [("cat.png", CAT, "image/png"), io.BytesIO(DOG)]
    return base64_in(await edit("editMany", image=images, mask=("mask.png", MASK), n=2))


async def edited_stream():
    events = await edit("editStream", image=io.BytesIO(CAT), stream=True, partial_images=1)
    seen = [event async for event in events]
    return {"types": [event.type for event in seen], "pictures": [seen[-1].b64_json]}


async def variation():
    answer = await client.images.create_variation(image=CAT, model="dall-e-2", response_format="b64_json")
    return base64_in(answer)


def refused_to(key):
    return generate("draws", "refused", client.with_options(api_key=key))


async def one():
    answer = await generate("draws", "url")
    return {"pictures": [await fetched(answer.data[0].url)], "id": answer._request_id, "size": answer.size}


async def many():
    answer = await generate("draws", "many", n=3, response_format="b64_json")
    return {"pictures": [item.b64_json for item in answer.data]}


async def models():
    return [each.id async for each in client.models.list()]


async def main():
    await tell(
        {
            "url": one(),
            "many": many(),
            "models": models(),
            "edit": edited(),
            "editMany": edited_many(),
            "editStream": edited_stream(),
            "variation": variation(),
            "noPicture": edit("noPicture", image=io.BytesIO(b"no picture")),
            "size": generate("draws", "size", size="axb"),
            "model": generate("nope", "model"),
            "key": refused_to(WRONG_KEY),
            "capability": refused_to(POOR_KEY),
            "policy": generate("refuses", "policy"),
            "limited": generate("limited", "limited"),
            "broken": generate("fails", "broken"),
            "abort": cancelled_once_called("abort", generate("hangs", "abort")),
            "abortSeen": stopped("abort", 1),
            "timeout": generate("hangs", "timeout", client.with_options(timeout=PATIENCE)),
            "timeoutSeen": stopped("timeout", 3),
        },
        describe_openai_error,
    )


asyncio.run(main())
