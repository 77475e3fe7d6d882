#include "net/socket_error.h"

#include <errno.h>
#include <sys/socket.h>

int socket_error_take(int fd)
{
    int problem = 0;
    socklen_t len = sizeof problem;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) == 0 ? problem : errno;
}

bool socket_error_is_of_established(int problem)
{
    return problem == ECONNRESET || problem == EPIPE;
}
