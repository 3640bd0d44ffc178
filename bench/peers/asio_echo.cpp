// SPDX-License-Identifier: MIT
//
// An echo of bytes on Boost.Asio: one io_context, shared by N threads that run it. A connection is a
// chain of asynchronous calls, one under way at a time, so that it needs no strand. While a write is
// under way nothing is read: a peer that does not read holds one buffer.
//
//     asio_echo [--threads N] [--port P]
//
// Prints "port N" once it is bound, serves until SIGTERM or SIGINT, and exits 0.

#include "peer.hpp"

#include <boost/asio.hpp>

#include <array>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace
{

using boost::asio::ip::tcp;
using boost::system::error_code;

class Session : public std::enable_shared_from_this<Session>
{
  public:
    explicit Session(tcp::socket socket) : socket_(std::move(socket))
    {
    }

    void read()
    {
        socket_.async_read_some(boost::asio::buffer(buffer_),
                                [self = shared_from_this()](error_code error, std::size_t got) {
                                    if (!error)
                                        self->write(got);
                                });
    }

  private:
    void write(std::size_t length)
    {
        boost::asio::async_write(socket_, boost::asio::buffer(buffer_, length),
                                 [self = shared_from_this()](error_code error, std::size_t) {
                                     if (!error)
                                         self->read();
                                 });
    }

    tcp::socket socket_;
    std::array<char, 8192> buffer_;
};

void accept(tcp::acceptor &acceptor)
{
    acceptor.async_accept([&acceptor](error_code error, tcp::socket socket) {
        if (error == boost::asio::error::operation_aborted)
            return;
        if (!error)
            socket.set_option(tcp::no_delay(true), error);
        if (!error) {
            std::make_shared<Session>(std::move(socket))->read();
        } else if (error == boost::asio::error::no_descriptors) {
            errno = error.value();
            peer::fail(1, "accept");
        }
        accept(acceptor);
    });
}

} // namespace

int main(int argc, char **argv)
{
    const peer::Options options = peer::parse(argc, argv);

    peer::prepare();

    boost::asio::io_context context(static_cast<int>(options.threads));
    tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), options.port});
    std::vector<std::thread> team;

    accept(acceptor);
    for (unsigned i = 0; i < options.threads; i++)
        team.emplace_back([&context] { context.run(); });
    peer::serve_until_stopped(acceptor.local_endpoint().port());
    context.stop();
    for (std::thread &thread : team)
        thread.join();
    return 0;
}
