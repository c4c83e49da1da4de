"""Errors as RFC 9457 problem JSON: one enum, one place that says which status each has."""

from enum import Enum

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class Fault(Enum):
    """What can go wrong with a question: (code, status, title)."""

    INVALID = ("invalid_parameter", 400, "A parameter is missing or wrong")
    NOT_FOUND = ("not_found", 404, "There is no such page")
    METHOD = ("method", 405, "Only GET is answered here")
    NO_TABLES = ("no_tables", 503, "ClickHouse has no tables yet: run `rumstream migrate`")
    UNAVAILABLE = ("unavailable", 503, "ClickHouse does not answer")
    TOO_SLOW = ("too_slow", 503, "The query took too long: ask for less time or fewer dimensions")


class ProblemError(Exception):
    """An answer that is not the one asked for; ``where`` names the parameter."""

    def __init__(self, fault: Fault, detail: str, where: str = "") -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.where = where


def response(problem: ProblemError) -> JSONResponse:
    """The problem as JSON; 503 says when to come again."""
    code, status, title = problem.fault.value
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": problem.detail}
    if problem.where:
        body["where"] = problem.where
    headers = {"Retry-After": "2"} if status == 503 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of the app this way."""

    @app.exception_handler(ProblemError)
    async def _problem(_: Request, problem: ProblemError) -> JSONResponse:
        return response(problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return response(ProblemError(Fault.INVALID, first["msg"], str(first["loc"][-1])))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        fault = Fault.METHOD if error.status_code == 405 else Fault.NOT_FOUND
        return response(ProblemError(fault, f"{request.method} {request.url.path}"))
