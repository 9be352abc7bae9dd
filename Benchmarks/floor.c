// The floor of the benchmark: the least that any compiler must pay for the same tree.
//
//   floor SOURCE TARGET [SLICE-MEGABYTES [consume]]
//
// Reads the tree SOURCE into memory, then writes it byte for byte into the fresh folder TARGET with mkdirat, and
// for each file one openat, one write and one close, on two threads. Only the writing is timed. A tree larger
// than SLICE-MEGABYTES is read and written slice by slice, and the times of the writing parts are added up.
// With `consume` each file of SOURCE is removed once it is read: on a tmpfs the floor then writes into the memory that
// the tree had, as a compiler does that is run again and again, and not into memory that was never used before.
// Prints one JSON object: wall_s and cpu_s of the writing alone, files, folders, bytes, slices.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { threadCount = 2, unitsTakenAtOnce = 8 };

struct file {
  char *path;  // relative to the folder that holds the unit's folder: "h1/bird.conf"
  size_t size;
  char *bytes;  // set only while the file's slice is in memory
};

// A folder and the files in it: the piece of work that a thread takes. For one device, its folder.
struct unit {
  char *path;    // relative to the root of the tree, "" for the root
  size_t parent; // index of the unit of the folder above; the root is its own parent
  int descriptor;  // of the folder in TARGET, open only for folders that hold folders
  int holdsFolders;
  struct file *files;
  size_t fileCount, fileRoom, size;
};

static struct unit *units;
static size_t unitCount, unitRoom;

static _Noreturn void fail(const char *what, const char *path) {
  fprintf(stderr, "floor: %s %s: %s\n", what, path, strerror(errno));
  exit(74);
}

static void *grown(void *memory, size_t count, size_t *room, size_t itemSize) {
  if (count < *room) return memory;
  *room = *room ? *room * 2 : 8;
  memory = realloc(memory, *room * itemSize);
  if (!memory) fail("no memory for", "the list of files");
  return memory;
}

static char *joined(const char *folder, const char *name) {
  char *path;
  if (asprintf(&path, "%s%s%s", folder, *folder ? "/" : "", name) < 0) fail("no memory for", name);
  return path;
}

static const char *lastName(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void appendUnit(char *path, size_t parent) {
  units = grown(units, unitCount, &unitRoom, sizeof *units);
  units[unitCount++] = (struct unit){.path = path, .parent = parent, .descriptor = -1};
}

// Lists one folder of the source; the folders found in it are appended to `units` and listed in their turn.
static void listFolder(int root, size_t index) {
  int descriptor = openat(root, *units[index].path ? units[index].path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = descriptor < 0 ? NULL : fdopendir(descriptor);
  if (!stream) fail("cannot list", units[index].path);
  for (struct dirent *entry; (entry = readdir(stream));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    struct stat status;
    if (fstatat(descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW)) fail("cannot examine", entry->d_name);
    if (S_ISDIR(status.st_mode)) {
      units[index].holdsFolders = 1;
      appendUnit(joined(units[index].path, entry->d_name), index);
    } else if (S_ISREG(status.st_mode)) {
      struct unit *unit = &units[index];
      char *path = index ? joined(lastName(unit->path), entry->d_name) : joined("", entry->d_name);
      unit->files = grown(unit->files, unit->fileCount, &unit->fileRoom, sizeof *unit->files);
      unit->files[unit->fileCount++] = (struct file){.path = path, .size = (size_t)status.st_size};
      unit->size += (size_t)status.st_size;
    } else {
      errno = EINVAL;
      fail("neither a file nor a folder:", entry->d_name);
    }
  }
  closedir(stream);
}

// Where a slice of the tree lies in memory: one piece, in huge pages where the kernel has them.
static char *arena;
static size_t arenaSize, arenaUsed;

static void reserveArena(size_t size) {
  arenaUsed = 0;
  if (size <= arenaSize) return;
  if (arena) munmap(arena, arenaSize);
  arenaSize = size;
  arena = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (arena == MAP_FAILED) fail("no memory for", "the files");
  madvise(arena, size, MADV_HUGEPAGE);
}

static void readUnit(int root, struct unit *unit, int consumes) {
  int folder = openat(root, *unit->path ? unit->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) fail("cannot open", unit->path);
  for (struct file *file = unit->files; file < unit->files + unit->fileCount; file++) {
    int descriptor = openat(folder, lastName(file->path), O_RDONLY | O_CLOEXEC);
    file->bytes = arena + arenaUsed;
    arenaUsed += file->size;
    if (descriptor < 0) fail("cannot open", file->path);
    for (size_t done = 0; done < file->size;) {
      ssize_t count = read(descriptor, file->bytes + done, file->size - done);
      if (count <= 0) fail("cannot read", file->path);
      done += (size_t)count;
    }
    close(descriptor);
    if (consumes && unlinkat(folder, lastName(file->path), 0)) fail("cannot remove", file->path);
  }
  close(folder);
}

// --- The timed part ---

static void writeUnit(const struct unit *unit) {
  // The root's files lie in the root itself, all others are named from the folder above their own.
  int above = units[unit->parent].descriptor;
  if (!unit->holdsFolders && mkdirat(above, lastName(unit->path), 0777)) fail("cannot create", unit->path);
  for (const struct file *file = unit->files; file < unit->files + unit->fileCount; file++) {
    int descriptor = openat(above, file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) fail("cannot create", file->path);
    ssize_t count = write(descriptor, file->bytes, file->size);
    if (count < 0 || (size_t)count != file->size) fail("cannot write", file->path);
    if (close(descriptor)) fail("cannot close", file->path);
  }
}

struct slice {
  size_t end;
  atomic_size_t next;
};

static void *writeSlice(void *argument) {
  struct slice *slice = argument;
  for (;;) {
    size_t first = atomic_fetch_add(&slice->next, unitsTakenAtOnce);
    if (first >= slice->end) return NULL;
    size_t end = first + unitsTakenAtOnce < slice->end ? first + unitsTakenAtOnce : slice->end;
    for (size_t index = first; index < end; index++) writeUnit(&units[index]);
  }
}

static void writeOnTwoThreads(size_t first, size_t end) {
  struct slice slice = {.end = end, .next = first};
  pthread_t threads[threadCount];
  for (int index = 0; index < threadCount; index++)
    if (pthread_create(&threads[index], NULL, writeSlice, &slice)) fail("cannot start", "a thread");
  for (int index = 0; index < threadCount; index++) pthread_join(threads[index], NULL);
}

// Folders that hold folders come first and stay open, so that every file is named by one short relative path.
static void createUpperFolders(void) {
  for (size_t index = 1; index < unitCount; index++) {
    struct unit *unit = &units[index];
    if (!unit->holdsFolders) continue;
    int above = units[unit->parent].descriptor;
    if (mkdirat(above, lastName(unit->path), 0777)) fail("cannot create", unit->path);
    unit->descriptor = openat(above, lastName(unit->path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (unit->descriptor < 0) fail("cannot open", unit->path);
  }
}

// --- The clock and the whole ---

static double seconds(struct timespec time) { return (double)time.tv_sec + (double)time.tv_nsec / 1e9; }
static double clockSeconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return seconds(time);
}

static double wall, cpu;
static void timeFrom(double sign) {
  wall += sign * clockSeconds(CLOCK_MONOTONIC);
  cpu += sign * clockSeconds(CLOCK_PROCESS_CPUTIME_ID);
}

int main(int argumentCount, char **arguments) {
  if (argumentCount < 3 || argumentCount > 5 || (argumentCount == 5 && strcmp(arguments[4], "consume"))) {
    fprintf(stderr, "usage: floor SOURCE TARGET [SLICE-MEGABYTES [consume]]\n");
    return 64;
  }
  size_t sliceBytes = argumentCount >= 4 ? strtoull(arguments[3], NULL, 10) << 20 : SIZE_MAX;
  int source = open(arguments[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (source < 0) fail("cannot open", arguments[1]);
  if (mkdir(arguments[2], 0777)) fail("cannot create", arguments[2]);

  appendUnit("", 0);
  for (size_t index = 0; index < unitCount; index++) listFolder(source, index);
  units[0].holdsFolders = 1;

  units[0].descriptor = open(arguments[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  timeFrom(-1);
  createUpperFolders();
  timeFrom(+1);

  size_t files = 0, bytes = 0, slices = 0;
  for (size_t first = 0, end; first < unitCount; first = end) {
    size_t inMemory = 0;
    for (end = first; end < unitCount && (end == first || inMemory + units[end].size <= sliceBytes); end++) {
      inMemory += units[end].size;
      files += units[end].fileCount;
    }
    reserveArena(inMemory + 1);
    for (size_t index = first; index < end; index++) readUnit(source, &units[index], argumentCount == 5);
    timeFrom(-1);
    writeOnTwoThreads(first, end);
    timeFrom(+1);
    bytes += inMemory;
    slices++;
  }
  printf("{\"wall_s\": %.6f, \"cpu_s\": %.6f, \"files\": %zu, \"folders\": %zu, \"bytes\": %zu, \"slices\": %zu}\n",
         wall, cpu, files, unitCount - 1, bytes, slices);
  return 0;
}
