// SPDX-License-Identifier: MIT
//
// An echo of bytes on ACE, for any of its reactors, N threads in its event loop. It is written as ACE
// means it to be: handlers are counted by the reactor, sockets do not block, and all the reactor's
// settings are its defaults.

#ifndef BENCH_PEERS_ACE_ECHO_HPP
#define BENCH_PEERS_ACE_ECHO_HPP

#include "peer.hpp"

#include <ace/ACE.h>
#include <ace/Event_Handler.h>
#include <ace/INET_Addr.h>
#include <ace/Reactor.h>
#include <ace/SOCK_Acceptor.h>
#include <ace/SOCK_Stream.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <netinet/tcp.h>

namespace ace_echo
{

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
            peer::fail(1, "listening");
        if (reactor->register_handler(this, ACCEPT_MASK) == -1)
            peer::fail(1, "registering the listener");
    }

    unsigned short port() const
    {
        ACE_INET_Addr address;

        if (acceptor_.get_local_addr(address) == -1)
            peer::fail(1, "the listener's address");
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
            peer::fail(1, "accept");
        }
        if (echo->peer().enable(ACE_NONBLOCK) == -1 ||
            echo->peer().set_option(IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
            peer::fail(1, "setting a connection up");
        if (reactor()->register_handler(echo, READ_MASK) == -1)
            refuse();
        return 0;
    }

    int handle_close(ACE_HANDLE, ACE_Reactor_Mask) override
    {
        acceptor_.close();
        return 0;
    }

  private:
    // The reactor has no room: the connection goes with its handler. Told once.
    void refuse()
    {
        if (!refused_)
            std::fprintf(stderr,
                         "%s: the reactor takes %zu handles: further connections are refused\n",
                         program_invocation_short_name, reactor()->size());
        refused_ = true;
    }

    ACE_SOCK_Acceptor acceptor_;
    bool refused_ = false; // the reactor calls one handler from one thread at a time
};

template <class Implementation> int serve(int argc, char **argv)
{
    const peer::Options options = peer::parse(argc, argv);

    peer::prepare();

    // The reactor owns its implementation; the acceptor must outlive the reactor, which closes it.
    std::unique_ptr<Acceptor> acceptor;
    ACE_Reactor reactor(new Implementation, true);
    std::vector<std::thread> team;

    acceptor = std::make_unique<Acceptor>(&reactor, options.port);
    for (unsigned i = 0; i < options.threads; i++)
        team.emplace_back([&reactor] { reactor.run_reactor_event_loop(); });
    peer::serve_until_stopped(acceptor->port());
    reactor.end_reactor_event_loop();
    for (std::thread &thread : team)
        thread.join();
    return 0;
}

} // namespace ace_echo

#endif
