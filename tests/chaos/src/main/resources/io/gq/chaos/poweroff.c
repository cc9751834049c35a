/* poweroff DIR...: the file systems of the directories stop as if their machines lost power: what was not synced is gone. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define GOING_DOWN _IOR('X', 125, uint32_t)
#define NO_LOG_FLUSH 2u

int main(int argc, char **argv) {
  int fds[64];
  int status = 0;
  if (argc < 2 || argc > 64) return 2;
  /* opened before the first one stops: the moments have to lie close together */
  for (int i = 1; i < argc; i++) {
    fds[i] = open(argv[i], O_RDONLY | O_DIRECTORY);
    if (fds[i] < 0) {
      perror(argv[i]);
      return 1;
    }
  }
  for (int i = 1; i < argc; i++) {
    uint32_t how = NO_LOG_FLUSH;
    if (ioctl(fds[i], GOING_DOWN, &how) != 0) {
      perror(argv[i]);
      status = 1;
    }
  }
  return status;
}
