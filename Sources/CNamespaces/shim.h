// What the C library declares under _GNU_SOURCE only, which Swift's Glibc module does not set.

// Moves the calling thread into the namespace that a descriptor refers to (setns(2)).
int setns(int descriptor, int kind);

// The kind of a network namespace (linux/sched.h).
enum { romanaNetworkNamespace = 0x40000000 };

// Socket options of linux/in.h and linux/in6.h that make any source address possible.
enum { romanaIPFreeBind = 15, romanaIPTransparent = 19, romanaIPv6FreeBind = 78, romanaIPv6Transparent = 75 };

// Routing tables as the kernel tells them (netlink(7), rtnetlink(7)).
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
