/*
 * Between one process and the system (LD_PRELOAD): shifts its wall clock, lets its syncs fail, or leaves them out. What to do stands
 * in the file named by CHAOS_CONTROL, as 8-byte numbers, and may change at any time:
 *   0  nanoseconds added to the wall clock
 *   1  error number that syncs fail with; 0: they work
 *   2  not 0: syncs say yes and do nothing
 *   3  counts the syncs that failed or were left out, the wall clock readings that were shifted
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

enum { CLOCK_OFFSET, SYNC_ERROR, SYNC_SKIP, EFFECTS, FIELDS };

static _Atomic int64_t none[FIELDS];
static _Atomic int64_t *control = none;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("CHAOS_CONTROL");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(none), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = mapped;
}

/* 1: the call goes on to the system; else *result is what it answers */
static int passes(int *result) {
  int64_t error = control[SYNC_ERROR];
  if (error == 0 && control[SYNC_SKIP] == 0) return 1;
  control[EFFECTS]++;
  *result = error == 0 ? 0 : -1;
  if (error != 0) errno = (int)error;
  return 0;
}

int fsync(int fd) {
  int result;
  return passes(&result) ? (int)syscall(SYS_fsync, fd) : result;
}

int fdatasync(int fd) {
  int result;
  return passes(&result) ? (int)syscall(SYS_fdatasync, fd) : result;
}

int sync_file_range(int fd, off64_t offset, off64_t count, unsigned int flags) {
  int result;
  return passes(&result) ? (int)syscall(SYS_sync_file_range, fd, offset, count, flags) : result;
}

int msync(void *address, size_t length, int flags) {
  int result;
  return passes(&result) ? (int)syscall(SYS_msync, address, length, flags) : result;
}

/* the real one, looked up once: it needs no system call */
typedef int (*clock_gettime_t)(clockid_t, struct timespec *);

static int real_clock(clockid_t id, struct timespec *at) {
  static _Atomic(clock_gettime_t) real;
  clock_gettime_t found = real;
  if (found == NULL) {
    found = (clock_gettime_t)dlsym(RTLD_NEXT, "clock_gettime");
    real = found;
  }
  return found(id, at);
}

int clock_gettime(clockid_t id, struct timespec *at) {
  int result = real_clock(id, at);
  int64_t offset = control[CLOCK_OFFSET];
  if (result == 0 && offset != 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    int64_t ns = (int64_t)at->tv_nsec + offset % SECOND;
    at->tv_sec += (time_t)(offset / SECOND + (ns >= SECOND) - (ns < 0));
    at->tv_nsec = (long)((ns + SECOND) % SECOND);
    control[EFFECTS]++;
  }
  return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  (void)zone;
  struct timespec now;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  if (result == 0 && at != NULL) {
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
  }
  return result;
}

time_t time(time_t *to) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return (time_t)-1;
  if (to != NULL) *to = now.tv_sec;
  return now.tv_sec;
}
