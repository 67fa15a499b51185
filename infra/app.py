"""Entry of the CDK application: context in, one stack out. Run by `infra/launch.sh`.

With `-c github=OWNER/NAME` it is the stack `kervan-ci` with the roles of that repository's workflows, with
`-c firewall=on` the stack `kervan-firewall` with the rules of a web firewall, else a stage.
"""

import sys

import aws_cdk as cdk

from infra.bundle import BundleError, function_code
from infra.context import ContextError, read_context
from infra.firewall import Firewall
from infra.firewall_context import read_firewall
from infra.pipeline_context import read_workflows
from infra.pipeline_roles import PipelineRoles
from infra.stack import KervanStack

QUIET = {"aws:cdk:disable-creation-stack-traces": True, "aws:cdk:disable-stack-trace": True}
"""Where a resource was made is known in Node only, not in Python. CDK's command reads what it keeps of each resource
anew for each line of progress that it prints: with these traces that took longer than the deployment."""


def main() -> int:
    """Synthesize the stage that the context names; a mistake ends with one line and status 1."""
    app = cdk.App(context=QUIET)
    try:
        workflows = read_workflows(app.node.try_get_context)
        if workflows is not None:
            PipelineRoles(app, "kervan-ci", repository=workflows.repository, provider_exists=workflows.provider_exists)
            app.synth()
            return 0
        firewall = read_firewall(app.node.try_get_context)
        if firewall is not None:
            Firewall(app, "kervan-firewall", rules=firewall)
            app.synth()
            return 0
        settings = read_context(app.node.try_get_context)
        code = function_code(bundled=settings.bundled)
        own_bundle = settings.lake and settings.bundled
        lake_code = function_code(bundled=True, lake=True) if own_bundle else None
    except (ContextError, BundleError) as error:
        print(f"kervan: {error}", file=sys.stderr)
        return 1
    KervanStack(app, settings.prefix, settings=settings, code_directory=code, lake_directory=lake_code)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
