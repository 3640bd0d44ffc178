// SPDX-License-Identifier: MIT
//
// The peer: an echo of bytes on ACE's ACE_Dev_Poll_Reactor, N threads in its event loop, which is
// leader/followers over epoll with EPOLLONESHOT. It is written as ACE means it to be: handlers are
// counted by the reactor, sockets do not block, and all the reactor's settings are its defaults.
//
//     ace_dev_poll [--threads N] [--port P]
//
// Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.

#include <ace/ACE.h>
#include <ace/Dev_Poll_Reactor.h>
#include <ace/Event_Handler.h>
#include <ace/INET_Addr.h>
#include <ace/Reactor.h>
#include <ace/SOCK_Acceptor.h>
#include <ace/SOCK_Stream.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <getopt.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

namespace
{

[[noreturn]] void fail(int status, const char *what)
{
    std::fprintf(stderr, "ace_dev_poll: %s: %s\n", what, std::strerror(errno));
    std::exit(status);
}

class Echo : public ACE_Event_Handler
{
  public:
    explicit Echo(ACE_Reactor *reactor) : ACE_Event_Handler(reactor)
    {
        reference_counting_policy().value(Reference_Counting_Policy::ENABLED);
    }

    ACE_SOCK_Stream &peer()
    {
        return peer_;
    }

    ACE_HANDLE get_handle() const override
    {
        return peer_.get_handle();
    }

    int handle_input(ACE_HANDLE) override
    {
        thread_local char buffer[65536];
        ssize_t got = peer_.recv(buffer, sizeof buffer);

        if (got < 0 && errno == EWOULDBLOCK)
            return 0;
        if (got <= 0)
            return -1;

        ssize_t sent = peer_.send(buffer, static_cast<size_t>(got));
        if (sent < 0 && errno == EWOULDBLOCK)
            sent = 0;
        if (sent < 0)
            return -1;
        if (sent == got)
            return 0;
        rest_.assign(buffer + sent, buffer + got);
        return watch(WRITE_MASK, READ_MASK);
    }

    int handle_output(ACE_HANDLE) override
    {
        ssize_t sent = peer_.send(rest_.data(), rest_.size());

        if (sent < 0)
            return errno == EWOULDBLOCK ? 0 : -1;
        rest_.erase(0, static_cast<size_t>(sent));
        return rest_.empty() ? watch(READ_MASK, WRITE_MASK) : 0;
    }

  protected:
    // Only here, when the reactor has let go of it: a descriptor closed earlier, in handle_close,
    // may come back as another thread's new connection while the reactor still removes the old.
    ~Echo() override
    {
        peer_.close();
    }

  private:
    int watch(ACE_Reactor_Mask on, ACE_Reactor_Mask off)
    {
        if (reactor()->schedule_wakeup(this, on) == -1)
            return -1;
        return reactor()->cancel_wakeup(this, off) == -1 ? -1 : 0;
    }

    ACE_SOCK_Stream peer_;
    std::string rest_;
};

class Acceptor : public ACE_Event_Handler
{
  public:
    Acceptor(ACE_Reactor *reactor, unsigned short port) : ACE_Event_Handler(reactor)
    {
        ACE_INET_Addr address(port, INADDR_LOOPBACK);

        if (acceptor_.open(address, 1, PF_INET, SOMAXCONN) == -1 ||
            acceptor_.enable(ACE_NONBLOCK) == -1)
            fail(1, "listening");
        if (reactor->register_handler(this, ACCEPT_MASK) == -1)
            fail(1, "registering the listener");
    }

    unsigned short port() const
    {
        ACE_INET_Addr address;

        if (acceptor_.get_local_addr(address) == -1)
            fail(1, "the listener's address");
        return address.get_port_number();
    }

    ACE_HANDLE get_handle() const override
    {
        return acceptor_.get_handle();
    }

    int handle_input(ACE_HANDLE) override
    {
        Echo *echo = new Echo(reactor());
        ACE_Event_Handler_var owner(echo);
        int on = 1;

        if (acceptor_.accept(echo->peer(), nullptr, nullptr, false) == -1) {
            if (errno == EWOULDBLOCK || errno == ECONNABORTED)
                return 0;
            fail(1, "accept");
        }
        if (echo->peer().enable(ACE_NONBLOCK) == -1 ||
            echo->peer().set_option(IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1 ||
            reactor()->register_handler(echo, READ_MASK) == -1)
            fail(1, "registering a connection");
        return 0;
    }

    int handle_close(ACE_HANDLE, ACE_Reactor_Mask) override
    {
        acceptor_.close();
        return 0;
    }

  private:
    ACE_SOCK_Acceptor acceptor_;
};

unsigned long number(const char *text, unsigned long min, unsigned long max)
{
    char *end;
    unsigned long value = std::strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < min || value > max) {
        errno = EINVAL;
        fail(2, text);
    }
    return value;
}

void raise_descriptor_limit()
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail(1, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail(1, "setrlimit");
}

void serve(unsigned threads, unsigned short port, const sigset_t &stop_signals)
{
    // The reactor owns its implementation; the acceptor must outlive the reactor, which closes it.
    std::unique_ptr<Acceptor> acceptor;
    ACE_Reactor reactor(new ACE_Dev_Poll_Reactor, true);
    std::vector<std::thread> team;
    int number;

    acceptor = std::make_unique<Acceptor>(&reactor, port);
    for (unsigned i = 0; i < threads; i++)
        team.emplace_back([&reactor] { reactor.run_reactor_event_loop(); });
    std::printf("port %u\n", acceptor->port());
    if (std::fflush(stdout) != 0)
        fail(1, "standard output");
    if ((errno = sigwait(&stop_signals, &number)) != 0)
        fail(1, "sigwait");
    reactor.end_reactor_event_loop();
    for (std::thread &thread : team)
        thread.join();
}

} // namespace

int main(int argc, char **argv)
{
    static const struct option options[] = {{"threads", required_argument, nullptr, 't'},
                                            {"port", required_argument, nullptr, 'p'},
                                            {nullptr, 0, nullptr, 0}};
    unsigned threads = 1;
    unsigned short port = 0;
    sigset_t stop_signals;
    int c;

    while ((c = getopt_long(argc, argv, "t:p:", options, nullptr)) != -1) {
        if (c == 't') {
            threads = static_cast<unsigned>(number(optarg, 1, 1024));
        } else if (c == 'p') {
            port = static_cast<unsigned short>(number(optarg, 0, 65535));
        } else {
            std::fprintf(stderr, "usage: ace_dev_poll [--threads N] [--port P]\n");
            return 2;
        }
    }
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGINT);
    if ((errno = pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr)) != 0)
        fail(1, "pthread_sigmask");
    serve(threads, port, stop_signals);
    return 0;
}
