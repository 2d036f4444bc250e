/** Pictures and request id of an answer of the AI SDK. */
export const picturesOf = ({ images, responses }) => ({
  pictures: images.map((image) => image.base64),
  ids: responses.map(({ headers }) => headers["x-request-id"]),
});

/** An error of the AI SDK; when it tried several times, the last one and how often. */
export function describeAiError(error) {
  if (error.name === "AI_RetryError") {
    return { class: error.name, tries: error.errors.length, last: describeAiError(error.lastError) };
  }
  return {
    class: error.name,
    status: error.statusCode,
    ...error.data?.error,
    isRetryable: error.isRetryable,
    id: error.responseHeaders?.["x-request-id"],
  };
}
