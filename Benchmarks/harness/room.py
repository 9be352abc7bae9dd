"""What the machine has room for, so that a size which does not fit is skipped with a statement."""

import os

GIB = 1 << 30


def mount_of(folder):
    """The type of the file system that holds a folder and the number of its device (proc_pid_mountinfo(5))."""
    folder = os.path.realpath(folder)
    best, kind, device = -1, "unknown", ""
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        for line in lines:
            left, right = line.split(" - ", 1)
            point = left.split()[4].encode().decode("unicode_escape")
            inside = folder == point or folder.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= best:
                best, kind, device = len(point), right.split()[0], left.split()[2]
    return kind, device


def has_no_journal(kind, device):
    """Whether this is an ext4 without a journal: each journal has a folder in /proc/fs/jbd2."""
    name = os.path.basename(os.path.realpath(f"/sys/dev/block/{device}"))
    return kind == "ext4" and not os.path.isdir(f"/proc/fs/jbd2/{name}-8")


def memory_info(key):
    """A line of /proc/meminfo in bytes."""
    with open("/proc/meminfo", encoding="ascii") as lines:
        for line in lines:
            name, value = line.split(":")
            if name == key:
                return int(value.split()[0]) * 1024
    return 0


class Medium:
    """A file system to write to: its folder, its kind, and how much of it a run may fill."""

    def __init__(self, title, folder):
        self.title = title
        self.folder = folder
        self.kind, device = mount_of(folder)
        # How long, in seconds, deleted files slow down new ones: an ext4 without a journal passes over each inode
        # that was deleted within the last minute, at up to 1 ms a new file.
        self.settling_seconds = 65 if has_no_journal(self.kind, device) else 0

    @property
    def in_memory(self):
        return self.kind in ("tmpfs", "ramfs")

    def free_bytes(self):
        """Nine tenths of the free space; of a tmpfs at most what leaves the machine 1 GiB of memory to work in."""
        status = os.statvfs(self.folder)
        free = status.f_bavail * status.f_frsize * 9 // 10
        if self.in_memory:
            free = min(free, memory_info("MemAvailable") - GIB)
        return max(0, free)

    def free_files(self):
        """The inodes left; file systems without a fixed number report 0, which means any number."""
        return os.statvfs(self.folder).f_favail or (1 << 62)

    def copies(self, files, size):
        """How many trees of that many files and bytes fit at once; a file takes whole pages of 4 KiB."""
        taken = size + files * 4096
        return min(self.free_bytes() // max(1, taken), self.free_files() // max(1, files))

    def slice_megabytes(self, tree_bytes):
        """How much of a tree the floor may hold in memory at once: at most a third of what is free now, and on a
        file system in memory no more than the tree that it writes leaves."""
        free = memory_info("MemAvailable")
        left = free - tree_bytes - GIB // 2 if self.in_memory else free
        return max(64 << 20, min(free // 3, left)) >> 20
