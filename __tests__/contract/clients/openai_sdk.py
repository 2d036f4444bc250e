"""The OpenAI SDK for Python."""

import asyncio

import openai

from cases import KEY, PATIENCE, POOR_KEY, WRONG_KEY, base_url, cancelled_once_called, fetched, stopped, tell

client = openai.AsyncOpenAI(base_url=base_url, api_key=KEY)


def generate(model, prompt, by=client, **more):
    return by.images.generate(model=model, prompt=prompt, **more)


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


def describe(error):
    if not isinstance(error, openai.APIError):
        return {"class": type(error).__name__}
    return {
        "class": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": error.code,
        "param": error.param,
        "type": error.type,
        "id": getattr(error, "request_id", None),
    }


async def main():
    await tell(
        {
            "url": one(),
            "many": many(),
            "models": models(),
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
        describe,
    )


asyncio.run(main())
