"""The AWS side of Kervan: one CDK application, one stack per stage."""
