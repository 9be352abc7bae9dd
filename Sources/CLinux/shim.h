// Two calls that the C library declares under _GNU_SOURCE only, which Swift's Glibc module does not set.

// Exchanges two names, or fails with EINVAL where the file system cannot (rename(2)).
int renameat2(int oldFolder, const char *oldName, int newFolder, const char *newName, unsigned int flags);

// Writes everything of one file system to its disk (sync(2)).
int syncfs(int descriptor);

// The flag of renameat2 that exchanges the two names (linux/fs.h).
enum { romanaRenameExchange = 1 << 1 };
