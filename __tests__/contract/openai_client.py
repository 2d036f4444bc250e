"""What the unmodified OpenAI SDK for Python makes of the gateway at argv[1]; prints one JSON object."""

import base64
import json
import sys

import httpx
import openai

base_url, model = sys.argv[1], sys.argv[2]
size = sys.argv[3] if len(sys.argv) > 3 else "64x64"
client = openai.OpenAI(base_url=base_url, api_key="aigw_sk_demo", max_retries=0)
seen = {}


def head(text):
    return base64.b64decode(text)[:8].hex()


one = client.images.generate(model=model, prompt="a red cube", size=size, response_format="url")
fetched = httpx.get(one.data[0].url)
seen["url"] = {
    "status": fetched.status_code,
    "type": fetched.headers["content-type"],
    "head": fetched.content[:8].hex(),
    "size": one.size,
    "output_format": one.output_format,
    "request_id": one._request_id,
}

many = client.images.generate(model=model, prompt="a red cube", size=size, n=3, response_format="b64_json")
seen["b64_json"] = {"n": len(many.data), "different": len({item.b64_json for item in many.data}), "head": head(many.data[0].b64_json)}

nulls = client.images.generate(model=model, prompt="a red cube", size=size, quality=None, style=None, user=None, n=None)
seen["nulls"] = {"n": len(nulls.data), "url": nulls.data[0].url is not None}

seen["models"] = [each.id for each in client.models.list()]


def failure(call):
    try:
        call()
    except openai.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "param": error.param,
            "type": error.type,
            "request_id": error.request_id,
        }
    return {"class": "none"}


seen["errors"] = {
    "size": failure(lambda: client.images.generate(model=model, prompt="x", size="axb")),
    "model": failure(lambda: client.images.generate(model="nope", prompt="x")),
    "key": failure(lambda: client.with_options(api_key="wrong").images.generate(model=model, prompt="x")),
    "capability": failure(
        lambda: client.with_options(api_key="aigw_sk_nocap").images.generate(model=model, prompt="x")
    ),
}
print(json.dumps(seen))
