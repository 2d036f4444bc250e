"""The OpenAI SDK for Python against pictures that take longer than it waits."""

import asyncio

import openai

from cases import KEY, base_url, tell

client = openai.AsyncOpenAI(base_url=base_url, api_key=KEY, timeout=1.0, max_retries=2)


async def generate(prompt):
    answer = await client.images.generate(model="test-model", prompt=prompt, response_format="b64_json")
    return answer.data[0].b64_json


async def many():
    return await asyncio.gather(*[generate("python many") for _ in range(4)])


async def main():
    await tell({"one": generate("python one"), "many": many()}, lambda error: {"class": type(error).__name__})


asyncio.run(main())
