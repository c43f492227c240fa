/* Running another program and taking what it prints. */
#include "harness/microbench/peer_process.h"

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int spawn_into(int descriptor, char *const *argv, pid_t *child) {
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) {
    return -error;
  }
  error = posix_spawn_file_actions_adddup2(&actions, descriptor, STDOUT_FILENO);
  if (error == 0) {
    error = posix_spawn_file_actions_adddup2(&actions, descriptor, STDERR_FILENO);
  }
  if (error == 0) {
    error = posix_spawn(child, argv[0], &actions, NULL, argv, environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  return -error;
}

/* To the end, so that the writer is never held up. */
static void read_all(int descriptor, char *output, size_t output_size) {
  char rest[4096];
  size_t length = 0;
  for (;;) {
    char *to = length + 1 < output_size ? output + length : rest;
    size_t room = length + 1 < output_size ? output_size - 1 - length : sizeof rest;
    ssize_t count = read(descriptor, to, room);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    length += to == rest ? 0 : (size_t)count;
  }
  output[length] = '\0';
}

int peer_process_run(char *const *argv, char *output, size_t output_size) {
  int ends[2];
  pid_t child = 0;
  output[0] = '\0';
  if (pipe2(ends, O_CLOEXEC) < 0) {
    return -errno;
  }
  int error = spawn_into(ends[1], argv, &child);
  close(ends[1]);
  if (error == 0) {
    read_all(ends[0], output, output_size);
  }
  close(ends[0]);
  if (error < 0) {
    return error;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      return -errno;
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
