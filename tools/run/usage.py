"""What a user has asked for that cannot be done."""


class UsageError(Exception):
    """The options contradict each other or name something that is not there."""
