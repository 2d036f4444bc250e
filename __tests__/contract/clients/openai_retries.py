"""The OpenAI SDK for Python against pictures that take longer than it waits, and one whose connection breaks in its middle."""

import asyncio

import openai

from cases import KEY, base_url, tell

client = openai.AsyncOpenAI(base_url=base_url, api_key=KEY, timeout=1.0, max_retries=2)


async def generate(prompt):
    answer = await client.images.generate(model="test-model", prompt=prompt, response_format="b64_json")
    return answer.data[0].b64_json


async def many():
    return await asyncio.gather(*[generate("python many") for _ in range(4)])


async def torn():
    patient = client.with_options(timeout=30.0)
    answer = await patient.images.generate(
        model="test-model", prompt="python torn", response_format="b64_json", extra_headers={"x-tear": "once"}
    )
    return len(answer.data[0].b64_json)


async def main():
    await tell({"one": generate("python one"), "many": many(), "torn": torn()}, lambda error: {"class": type(error).__name__})


asyncio.run(main())
