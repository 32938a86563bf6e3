"""What can go wrong for the person at the keyboard, each with its exit status.

Lower packages raise small ``ValueError``s; ``bot.cli.main`` alone turns any of these
into one Chinese line on standard error.
"""

import errno

_REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "没有这个文件",
    errno.EISDIR: "这是一个文件夹，不是文件",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EROFS: "磁盘是只读的",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接绕成了圈",
    errno.EBADF: "输入或输出已关闭",
}


class QingxingError(Exception):
    """A fault told in one Chinese line that names the way out."""

    exit_status = 1


class InputError(QingxingError):
    """The words of the call, or the input that it names, can't be used."""

    exit_status = 2


def os_reason(error: BaseException) -> str:
    """Why a file can't be read or written, in Chinese whatever the system's language."""
    number = getattr(error, "errno", None)
    if number is None:
        return "内容已损坏"  # gzip and its like name no error number
    return _REASONS.get(number, f"错误号 {number}")
