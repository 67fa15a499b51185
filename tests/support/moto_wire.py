"""Our own requests to AWS, answered by moto: it patches botocore, which they do not pass through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core import responses
from moto.core.utils import method_names_from_class
from moto.sqs.models import sqs_backends

from shared.adapters.aws_json import DYNAMODB, SQS, AwsJson, Service
from shared.adapters.aws_settings import EnvironmentCredentials
from shared.adapters.dynamo import DynamoTable
from shared.adapters.http_transport import HttpAnswer, HttpTransport

responses.method_names_from_class = cache(method_names_from_class)  # type: ignore[attr-defined]
"""The names of a class stay; moto looks for them anew at each request, which takes a seventh of its time."""
REGION, ACCOUNT = "eu-central-1", "123456789012"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def answer_of_moto(url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
    """What moto's AWS says to a request, without a socket. ``mock_aws`` must be on."""
    from moto.core.models import botocore_stubber

    assert botocore_stubber.enabled, "moto is off: this request would have left the machine"
    signed = HTTPHeaders()
    for name, value in headers.items():
        signed[name] = value
    answered = botocore_stubber.process_request(AWSPreparedRequest("POST", url, signed, body, False))
    assert answered is not None, f"moto does not know {url}"
    status, found, text = answered
    lower = {str(name).lower(): str(value) for name, value in found.items()}
    return HttpAnswer(status, lower, text.encode() if isinstance(text, str) else text)


class MotoTransport:
    """``Transport`` to moto in this process."""

    path = "/"

    def __init__(self, service: str) -> None:
        self.host = f"{service}.{REGION}.amazonaws.com"

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return answer_of_moto(f"https://{self.host}/", headers, body)


def moto_client(service: Service = DYNAMODB) -> AwsJson:
    return AwsJson(service, REGION, MotoTransport(service.name), EnvironmentCredentials(KEYS))


def moto_queue_client() -> AwsJson:
    return moto_client(SQS)


def moto_table(name: str) -> DynamoTable:
    return DynamoTable(moto_client(), name)


def route_to_moto(patch: pytest.MonkeyPatch) -> None:
    """Clients that functions make for themselves reach moto, whatever address they found."""

    def post(transport: HttpTransport, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return answer_of_moto(f"https://{transport.host}{transport.path}", headers, body)

    patch.setattr(HttpTransport, "post", post)


@contextmanager
def moto_server(service: Service = DYNAMODB) -> Iterator[AwsJson]:
    """Our client with its real sockets; behind them moto in this process, with AWS's address in the signature."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = answer_of_moto(f"https://{service.name}.{REGION}.amazonaws.com/", dict(self.headers.items()), body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name not in {"content-length", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        transport = HttpTransport(f"http://127.0.0.1:{server.server_address[1]}")
        yield AwsJson(service, REGION, transport, EnvironmentCredentials(KEYS))
    finally:
        server.shutdown()
        server.server_close()


def is_empty(queue: str) -> bool:
    """Whether there is nothing to receive, without the request: most polls of a pump find nothing."""
    return not sqs_backends[ACCOUNT][REGION].queues[queue].messages


@cache
def boto3_client(service: Any) -> Any:
    """boto3's own client, for what only tests ask (creating tables and queues). Made once, because that takes as long
    as ten tests: it keeps nothing of what it asked, and moto answers it whenever ``mock_aws`` is on."""
    import moto.core.models  # noqa: F401 - patches the clients that are made from now on

    return boto3.client(service, REGION, aws_access_key_id="testing", aws_secret_access_key="testing")
