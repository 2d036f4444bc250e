"""What the Python scripts of this folder share: where the gateway is, and how a client's cases run and are told."""

import asyncio
import base64
import json
import sys

import httpx
import openai

url = sys.argv[1]
base_url = f"{url}/v1"
KEY = "sk-ann"
WRONG_KEY = "wrong"
# Known, but without the capability.
POOR_KEY = "sk-eve"
# Seconds that the client's own time limit gives a provider that never answers.
PATIENCE = 2.0

# Pictures to work on, of one pixel each.
CAT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DOG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
MASK = CAT

http = httpx.AsyncClient(timeout=None)


async def until(what, prompt, times):
    """Waits until the provider was called with this prompt, or the gateway took such calls back, so often."""
    await http.get(f"{url}/until/{what}/{prompt}/{times}")
    return times


async def stopped(prompt, times):
    return await until("stopped", prompt, times)


async def fetched(link):
    """A picture behind a link, as base64."""
    return base64.b64encode((await http.get(link)).raise_for_status().content).decode()


def describe_openai_error(error):
    """What an error class of the OpenAI SDK shows."""
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


async def cancelled_once_called(prompt, call):
    """Cancels the call when its prompt has reached the provider."""
    task = asyncio.ensure_future(call)
    await until("called", prompt, 1)
    task.cancel()
    return await task


async def tell(cases, describe):
    """Runs the cases and prints what each gave, or what `describe` says of what it raised. The first warms the client, the
    others run at once."""

    async def told(call):
        try:
            return await call
        except (Exception, asyncio.CancelledError) as error:
            return describe(error)

    first, *others = cases.values()
    results = [await told(first), *await asyncio.gather(*map(told, others))]
    await http.aclose()
    print(json.dumps(dict(zip(cases, results))))
