"""The secret of a stage, read with AWS credentials; it never leaves the command that derives from it."""

from __future__ import annotations

from cli.failure import Failure
from cli.local import deploy
from cli.local.running import local_stack

OUTPUT = "SecretArn"


def deployment_secret(stage: str) -> bytes:
    """The secret of the local stack, or of the CloudFormation stack `kervan-<stage>`.

    Raises
    ------
    Failure
        If it cannot be read.
    """
    if stage == "local":
        client = deploy.client(local_stack().base, "secretsmanager")
        found: str = client.get_secret_value(SecretId=deploy.outputs()[OUTPUT])["SecretString"]
        return found.encode()
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from shared.adapters.aws_errors import AwsError
    from shared.adapters.secret import read_secret

    try:
        stacks = boto3.client("cloudformation").describe_stacks(StackName=f"kervan-{stage}")["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
        return read_secret(outputs[OUTPUT])
    except (AwsError, BotoCoreError, ClientError, KeyError, IndexError) as refused:
        raise Failure(f"the secret of kervan-{stage} cannot be read: {refused}") from refused
