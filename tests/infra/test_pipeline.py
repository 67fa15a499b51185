"""GitHub's workflows: what they may do in AWS, whom the roles trust, and that nothing they run can be exchanged."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk.assertions import Template

from infra.context import ContextError
from infra.pipeline_context import read_workflows
from infra.pipeline_roles import PipelineRoles

pytestmark = pytest.mark.unit
WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))
ISSUER = "token.actions.githubusercontent.com"


def template(*, exists: bool = False) -> dict[str, Any]:
    stack = PipelineRoles(cdk.App(), "kervan-ci", repository="shop/kervan", provider_exists=exists)
    return dict(Template.from_stack(stack).to_json())


def roles(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    resources = found["Resources"].values()
    return {one["Properties"]["RoleName"]: one["Properties"] for one in resources if one["Type"] == "AWS::IAM::Role"}


def test_a_role_trusts_this_repository_only() -> None:
    """Deployments come from the environments that GitHub protects, differences from pull requests; no wildcard."""
    trusted = {
        name: role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] for name, role in roles(template()).items()
    }
    assert trusted == {
        "kervan-ci-deploy": {
            "StringEquals": {
                f"{ISSUER}:aud": "sts.amazonaws.com",
                f"{ISSUER}:sub": ["repo:shop/kervan:environment:dev", "repo:shop/kervan:environment:prod"],
            }
        },
        "kervan-ci-diff": {
            "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": ["repo:shop/kervan:pull_request"]}
        },
    }


def test_a_workflow_only_takes_on_the_roles_of_cdk() -> None:
    """And a difference may only look."""
    found = template()
    policies = [one["Properties"] for one in found["Resources"].values() if one["Type"] == "AWS::IAM::Policy"]
    assert len(policies) == 2
    named: dict[str, set[str]] = {}
    for policy in policies:
        [statement] = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRole"
        kinds = set(re.findall(r"role/cdk-hnb659fds-([a-z-]+)-role-", json.dumps(statement["Resource"])))
        named[policy["Roles"][0]["Ref"][:4]] = kinds
    assert named == {"Depl": {"deploy", "file-publishing", "lookup"}, "Diff": {"lookup"}}


def test_the_account_may_trust_github_already() -> None:
    """It can have one provider for an issuer; a second would break the deployment."""
    kinds = [one["Type"] for one in template()["Resources"].values()]
    assert kinds.count("AWS::IAM::OIDCProvider") == 1
    kinds = [one["Type"] for one in template(exists=True)["Resources"].values()]
    assert kinds.count("AWS::IAM::OIDCProvider") == 0


def test_the_repository_is_read_from_the_context() -> None:
    """Without it the application is a stage."""
    assert read_workflows(dict[str, str]().get) is None
    found = read_workflows({"github": "shop/kervan", "github_provider": "existing"}.get)
    assert found is not None
    assert (found.repository, found.provider_exists) == ("shop/kervan", True)


@pytest.mark.parametrize(
    "context",
    [
        {"github": "kervan"},
        {"github": "shop/*"},
        {"github": "*/kervan"},
        {"github": "shop/kervan:environment:dev"},
        {"github": "a/b/c"},
        {"github": "shop/kervan", "github_provider": "old"},
    ],
)
def test_a_repository_that_is_none_is_told(context: dict[str, str]) -> None:
    """A wildcard would let every repository deploy."""
    with pytest.raises(ContextError, match=r"^-c github"):
        read_workflows(context.get)


def steps(workflow: Any) -> Iterator[Any]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_and_keeps_no_credentials(path: Path) -> None:
    """A tag can be moved to other code; a commit cannot. The version stands beside it for people."""
    workflow = yaml.safe_load(path.read_text())
    lines = [line for line in path.read_text().splitlines() if "uses:" in line]
    assert lines
    assert all(re.search(r"uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9.]+$", line) for line in lines)
    for step in steps(workflow):
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_little_and_ends(path: Path) -> None:
    """It reads the repository; jobs that need a token of AWS have one. What others write never becomes a command."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 90
        wanted = {"contents": "read"} | ({"id-token": "write"} if name in ("diff", "deploy") else {})
        wanted |= {"pull-requests": "write"} if name == "diff" else {}
        assert job.get("permissions", {"contents": "read"}) == wanted
    assert not [step for step in steps(workflow) if "${{" in str(step.get("run", ""))]


def test_every_locked_file_is_audited() -> None:
    """Each week; a new file of requirements too."""
    [path] = [path for path in WORKFLOWS if path.name == "audit.yml"]
    workflow = yaml.safe_load(path.read_text())
    locked = {path.stem for path in (Path(__file__).parents[2] / "requirements").glob("*.txt")}
    assert set(workflow["jobs"]["python"]["strategy"]["matrix"]["locked"]) == locked
    assert workflow[True]["schedule"]


def test_prod_is_deployed_from_a_tag_after_all_tests() -> None:
    """And dev from the branch main."""
    [path] = [path for path in WORKFLOWS if path.name == "deploy.yml"]
    workflow = yaml.safe_load(path.read_text())
    assert workflow[True]["push"] == {"branches": ["main"], "tags": ["v[0-9]+.[0-9]+.[0-9]+"]}
    job = workflow["jobs"]["deploy"]
    assert job["needs"] == "test"
    assert job["environment"] == job["env"]["STAGE"] == "${{ github.ref_type == 'tag' && 'prod' || 'dev' }}"
    assert [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step] == [".ci/run"]
