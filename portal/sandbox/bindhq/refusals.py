"""What the stand-in answers when it does not do it."""

TITLES = {401: "Unauthorized", 404: "Not Found", 409: "Conflict", 410: "Gone", 422: "Unprocessable"}
TITLES |= {429: "Too Many Requests", 500: "Server Error"}


class Refusal(Exception):
    """An error of the contract.

    Args:
        status: of HTTP.
        code: the contract's word.
        detail: a sentence.
        pointer: the field that it is about, or nothing.
        retry_after: seconds, where it makes sense to come again.
    """

    def __init__(
        self, status: int, code: str, detail: str, pointer: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.retry_after = status, retry_after
        self.error = {"status": status, "code": code, "title": TITLES[status], "detail": detail}
        if pointer:
            self.error["source"] = {"pointer": pointer}
