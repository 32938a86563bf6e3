"""What can go wrong for the person at the keyboard, each with its exit status.

Lower packages raise small ``ValueError``s; ``bot.cli.main`` alone turns any of these
into one Chinese line on standard error.
"""


class QingxingError(Exception):
    """A fault told in one Chinese line that names the way out."""

    exit_status = 1


class InputError(QingxingError):
    """The words of the call, or the input that it names, can't be used."""

    exit_status = 2
