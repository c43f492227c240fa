/* Standard output as a screen. See screen.h. */
#define _GNU_SOURCE /* open_memstream */
#include "harness/screen.h"
#include <errno.h>
#include <gc/atomics.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { COLUMNS_USUAL = 80, ROWS_USUAL = 24 };

/* The second screen, and no cursor; and back. */
static const char enter_sequence[] = "\033[?1049h\033[?25l";
static const char leave_sequence[] = "\033[m\033[?25h\033[?1049l";

static bool is_open, has_input;
static struct termios input_before; /* where has_input */
static int must_suspend; /* atomic, relaxed: the one thread that reads it also runs the handler */

static void write_all(const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDOUT_FILENO, text, length);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return; /* the terminal is gone */
    }
    text += written;
    length -= (size_t)written;
  }
}

/* What is typed would be written across the picture. */
static void hide_input(void) {
  has_input = tcgetattr(STDIN_FILENO, &input_before) == 0;
  if (has_input) {
    struct termios input = input_before;
    input.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSANOW, &input);
  }
}

static void enter(void) {
  hide_input();
  write_all(enter_sequence, sizeof enter_sequence - 1);
}

static void leave(void) {
  write_all(leave_sequence, sizeof leave_sequence - 1);
  if (has_input) {
    tcsetattr(STDIN_FILENO, TCSANOW, &input_before);
  }
}

static void notice_suspend(int signal_number) {
  (void)signal_number;
  gc_atomic_store_relaxed(&must_suspend, 1);
}

bool screen_open(void) {
  const char *terminal = getenv("TERM");
  if (!isatty(STDOUT_FILENO) || !terminal || !*terminal || strcmp(terminal, "dumb") == 0) {
    return false;
  }
  struct sigaction action = {.sa_handler = notice_suspend, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, NULL);
  fflush(stdout);
  enter();
  is_open = true;
  return true;
}

void screen_close(void) {
  if (is_open) {
    leave();
    signal(SIGTSTP, SIG_DFL);
    is_open = false;
  }
}

void screen_size(size_t *columns, size_t *rows) {
  struct winsize size;
  bool is_known =
      ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
  *columns = is_known ? size.ws_col : COLUMNS_USUAL;
  *rows = is_known ? size.ws_row : ROWS_USUAL;
}

bool screen_has_colors(void) {
  const char *wish = getenv("NO_COLOR");
  return !wish || !*wish;
}

static void suspend_if_asked(void) {
  if (gc_atomic_exchange_relaxed(&must_suspend, 0) != 0) {
    leave();
    raise(SIGSTOP); /* until somebody continues it */
    enter();
  }
}

void screen_show(const char *picture) {
  char *text = NULL;
  size_t text_size = 0;
  suspend_if_asked();
  FILE *stream = open_memstream(&text, &text_size);
  if (!stream) {
    return;
  }
  fputs("\033[H", stream); /* to the upper left corner */
  for (const char *line = picture; *line;) {
    size_t length = strcspn(line, "\n");
    /* After a line its rest is cleared; the last needs no new line, which might scroll. */
    fprintf(stream, "%.*s\033[K", (int)length, line);
    line += length + (line[length] == '\n');
    fputs(*line ? "\r\n" : "", stream);
  }
  fputs("\033[J", stream); /* and what is below */
  fclose(stream);
  write_all(text, text_size);
  free(text);
}
