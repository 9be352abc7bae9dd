// Runs one command and writes its cost as one JSON object.
//
//   measure RESULT COMMAND [ARGUMENT ...]
//
// RESULT receives wall_s, cpu_s (user and system, of the command and of the processes it waited for), peak_rss_bytes
// (getrusage(2): of the largest of these processes) and status. Exits with the status of the command.
//
// A program of its own because a child inherits the peak memory of the process that forked it: started from a
// Python harness, no command would seem to need less than Python.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

// Passes on a signal that asks to stop to the command and the processes that it started (its process group), so
// that none outlives the harness.
static void passOn(int signal) {
  if (child > 0) kill(-child, signal);
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int argumentCount, char **arguments) {
  if (argumentCount < 3) {
    fprintf(stderr, "usage: measure RESULT COMMAND [ARGUMENT ...]\n");
    return 64;
  }
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  child = fork();
  if (child == 0) {
    setpgid(0, 0);
    execvp(arguments[2], arguments + 2);
    fprintf(stderr, "measure: cannot run %s: %s\n", arguments[2], strerror(errno));
    _exit(127);
  }
  if (child < 0) {
    perror("measure: cannot fork");
    return 71;
  }
  setpgid(child, child);
  signal(SIGTERM, passOn);
  signal(SIGINT, passOn);

  int status;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) {
      perror("measure: cannot wait");
      return 71;
    }
  clock_gettime(CLOCK_MONOTONIC, &end);

  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  double wall = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
  FILE *result = fopen(arguments[1], "w");
  if (!result) {
    perror("measure: cannot write the result");
    return 74;
  }
  fprintf(result, "{\"wall_s\": %.6f, \"cpu_s\": %.6f, \"peak_rss_bytes\": %ld, \"status\": %d}\n", wall,
          seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024L, code);
  if (fclose(result)) return 74;
  return code;
}
