"""What /openapi.json promises, held against the service by schemathesis."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from factdesk.tests.serve.serving import Served

EXAMPLES = 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="session")
def described(served: Served) -> dict[str, Any]:
    """The document."""
    found: dict[str, Any] = httpx.get(f"{served.url}/openapi.json", trust_env=False).json()
    return found


def test_every_route_is_described_with_the_errors_that_it_may_give(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            if path not in ("/healthz", "/readyz"):
                assert set(operation["responses"]) >= {"401", "413", "422", "429", "503"}, (method, path)


def test_what_is_promised_is_kept(served: Served, described: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=served.url)
    seen = []
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        seen.append(operation.label)
        if operation.path == "/metrics":
            continue

        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy())
        def keeps_its_promise(case: Any) -> None:
            response = case.call(timeout=60)
            case.validate_response(response, checks=CHECKS)

        keeps_its_promise()
    assert len(seen) >= 15
