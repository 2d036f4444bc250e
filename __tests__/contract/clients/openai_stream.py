"""The OpenAI SDK for Python on `stream=True`."""

import asyncio
import io

import openai

from cases import DOG, KEY, base_url, describe_openai_error, stopped, tell

client = openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0)


def generate(model, prompt, partial_images=2, **more):
    return client.images.generate(
        model=model, prompt=prompt, stream=True, partial_images=partial_images, **more
    )


def edit(model, prompt):
    return client.images.edit(
        model=model, prompt=prompt, image=io.BytesIO(DOG), stream=True, partial_images=2
    )


async def seen(call, is_enough=lambda event: False):
    """All events of a call, and what broke it off."""
    events = []
    try:
        async with await call as stream:
            async for event in stream:
                events.append(event.to_dict())
                if is_enough(event):
                    break
        return {"events": events}
    except openai.APIError as error:
        return {"events": events, "error": describe_openai_error(error)}


def is_partial(event):
    return event.type == "image_generation.partial_image"


async def main():
    await tell(
        {
            "relayed": seen(generate("relayed", "relayed")),
            "relayedEdit": seen(edit("relayed", "relayed")),
            "drawn": seen(generate("demo", "a lake", partial_images=3, size="64x64")),
            "drawnEdit": seen(edit("demo", "a lake")),
            "several": seen(generate("demo", "two lakes", n=2, partial_images=1, size="64x64")),
            "size": seen(generate("demo", "a lake", size="axb")),
            "refused": seen(generate("relayed", "refused")),
            "broken": seen(generate("relayed", "broken")),
            "left": seen(generate("relayed", "endless"), is_partial),
            "leftSeen": stopped("endless", 1),
        },
        describe_openai_error,
    )


asyncio.run(main())
