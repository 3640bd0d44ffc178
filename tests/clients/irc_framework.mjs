// SPDX-License-Identifier: MIT
//
// People who use irc-framework, and one who talks through a plain connection, on one server. Run by
// irc_framework.sh, from the folder in which npm has installed what is imported here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import IRC from 'irc-framework';

const PATIENCE = 1000 * Number(process.env.TEST_PATIENCE || 60); // milliseconds for an event

const EVENTS = ['action', 'away', 'back', 'invite', 'invited', 'irc error', 'join', 'kick', 'mode',
    'nick', 'nick in use', 'notice', 'part', 'privmsg', 'quit', 'registered', 'tagmsg', 'topic',
    'userlist', 'user updated', 'wholist', 'whois'];

// What has come and was not asked for yet, in order; who asks waits until it is there.
class Mailbox {
    #name;
    #items = [];
    #waiting = null;

    constructor(name) {
        this.#name = name;
    }

    put(item) {
        this.#items.push(item);
        this.#waiting?.();
    }

    // Takes the first that matches, and those before it. WHAT says what is waited for.
    async take(matches, what) {
        const deadline = Date.now() + PATIENCE;
        let at;

        while ((at = this.#items.findIndex(matches)) < 0) {
            const left = deadline - Date.now();

            if (left <= 0)
                assert.fail(`${this.#name} gets no ${what}, but ${JSON.stringify(this.#items)}`);
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, left);

                this.#waiting = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
        }
        return this.#items.splice(0, at + 1)[at];
    }
}

// A connection of irc-framework: client is its object.
class Person {
    #mailbox;

    constructor(nick, port) {
        this.#mailbox = new Mailbox(nick);
        this.client = new IRC.Client();
        for (const kind of EVENTS)
            this.client.on(kind, (event) => this.#mailbox.put({ ...event, kind }));
        this.client.requestCap('invite-notify');
        this.client.connect({
            host: '127.0.0.1', port, nick, username: nick, gecos: `Real ${nick}`,
            auto_reconnect: false, ping_interval: 0, enable_setname: true,
        });
    }

    // The next event of that kind has what FIELDS has; those before it are dropped.
    async hears(kind, fields = {}) {
        const event = await this.#mailbox.take((item) => item.kind === kind, kind);
        const got = Object.fromEntries(Object.keys(fields).map((key) => [key, event[key]]));

        assert.deepEqual(got, fields);
        return event;
    }

    async enters(room) {
        this.client.join(room);
        await this.hears('join', { nick: this.client.user.nick, channel: room });
        return this.hears('userlist', { channel: room });
    }

    leave() {
        this.client.connection.end();
    }
}

// One who types lines and reads what comes.
class Talker {
    #mailbox;
    #socket;

    constructor(nick, port) {
        this.#mailbox = new Mailbox(nick);
        this.#socket = net.connect(port, '127.0.0.1');
        this.#socket.on('error', (error) => this.#mailbox.put(String(error)));
        createInterface({ input: this.#socket }).on('line', (line) => this.#mailbox.put(line));
        this.types(nick);
    }

    types(line) {
        this.#socket.write(`${line}\n`);
    }

    // The next line is TEXT, behind the time if it has one.
    async sees(text) {
        const line = await this.#mailbox.take(() => true, text);

        assert.equal(line.replace(/^\[\d\d:\d\d\] /, ''), text);
    }

    async skipsTo(text) {
        await this.#mailbox.take((line) => line.endsWith(text), text);
    }

    leave() {
        this.#socket.destroy();
    }
}

// A server with a folder of its own.
class Server {
    #folder = mkdtempSync(join(tmpdir(), 'paceline-'));
    #process;
    ports = {};

    async start() {
        const file = join(this.#folder, 'paceline.conf');

        writeFileSync(file, `server: { name = "test.example"; state_dir = "${this.#folder}"; };
            listeners = ( { service = "irc"; port = 0; }, { service = "talk"; port = 0; } );\n`);
        this.#process = spawn(process.env.PACELINE, ['-c', file, '--print-ports'],
            { stdio: ['ignore', 'pipe', 'inherit'] });
        for await (const line of createInterface({ input: this.#process.stdout })) {
            const [service, , port] = line.split(' ');

            this.ports[service] = Number(port);
            if (Object.keys(this.ports).length === 2)
                break;
        }
        assert.equal(Object.keys(this.ports).length, 2, 'the server names its ports');
    }

    async stop() {
        const ended = new Promise((resolve) => this.#process.once('exit', resolve));

        this.#process.kill('SIGTERM');
        assert.equal(await ended, 0, 'the exit status of the server');
        rmSync(this.#folder, { recursive: true });
    }
}

// Anna, who has made #dev and so is its operator, Bert and Cora, and Tom, who talks.
async function company(t) {
    const server = new Server();
    const people = {};

    await server.start();
    t.after(async () => {
        for (const person of Object.values(people))
            person.leave();
        await server.stop();
    });
    for (const nick of ['anna', 'bert', 'cora']) {
        people[nick] = new Person(nick, server.ports.irc);
        await people[nick].hears('registered', { nick });
        await people[nick].enters('#dev');
    }
    people.tom = new Talker('tom', server.ports.talk);
    people.tom.types('/join #dev');
    await people.tom.skipsTo('4 people in #dev: anna bert cora tom');
    await people.anna.hears('join', { nick: 'bert', channel: '#dev', ident: '~bert' });
    await people.anna.hears('join', { nick: 'cora', channel: '#dev' });
    await people.bert.hears('join', { nick: 'cora', channel: '#dev' });
    for (const nick of ['anna', 'bert', 'cora'])
        await people[nick].hears('join', { nick: 'tom', channel: '#dev' });
    return people;
}

test('capabilities are negotiated, and the server says what it can', async (t) => {
    const { bert } = await company(t);
    const { network } = bert.client;

    for (const cap of ['away-notify', 'batch', 'message-tags', 'multi-prefix', 'server-time',
        'setname', 'userhost-in-names'])
        assert.ok(network.cap.isEnabled(cap), cap);
    assert.equal(network.name, 'Paceline');
    assert.equal(network.options.CASEMAPPING, 'ascii');
    assert.deepEqual(network.options.PREFIX.map(({ symbol, mode }) => symbol + mode),
        ['~q', '&a', '@o', '%h', '+v']);
    assert.deepEqual(network.options.CHANTYPES, ['#']);
});

test('who joins is told who is there, and with which rank', async (t) => {
    const { anna, bert } = await company(t);

    bert.client.part('#dev', 'for a moment');
    await anna.hears('part', { nick: 'bert', channel: '#dev', message: 'for a moment' });
    const { users } = await bert.enters('#dev');
    assert.deepEqual(users.map(({ nick, modes }) => [nick, modes]),
        [['anna', ['o']], ['cora', []], ['tom', []], ['bert', []]]);
    assert.equal(users[0].ident, '~anna'); // userhost-in-names
    await anna.hears('join', { nick: 'bert', channel: '#dev' });
});

test('what each says all hear, in one order', async (t) => {
    const { anna, bert, cora, tom } = await company(t);

    anna.client.say('#dev', 'hello');
    for (const person of [bert, cora]) {
        const { tags } = await person.hears('privmsg',
            { nick: 'anna', target: '#dev', message: 'hello' });
        assert.match(tags.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    await tom.sees('<anna> hello');
    tom.types('hello, Anna');
    for (const person of [anna, bert, cora])
        await person.hears('privmsg', { nick: 'tom', target: '#dev', message: 'hello, Anna' });
    bert.client.action('#dev', 'waves');
    await anna.hears('action', { nick: 'bert', target: '#dev', message: 'waves' });
    await tom.sees('* bert waves');
    cora.client.notice('#dev', 'beep');
    await bert.hears('notice', { nick: 'cora', target: '#dev', message: 'beep' });
    await tom.sees('-cora- beep');
    for (let i = 0; i < 20; i++)
        [anna, bert][i % 2].client.say('#dev', `line ${i}`);
    const heard = [];
    for (let i = 0; i < 20; i++)
        heard.push((await cora.hears('privmsg', { target: '#dev' })));
    assert.deepEqual(heard.map(({ message }) => message).sort(),
        Array.from({ length: 20 }, (_, i) => `line ${i}`).sort());
    for (const { nick, message } of heard)
        await tom.sees(`<${nick}> ${message}`);
});

test('names change, and one that is taken does not', async (t) => {
    const { anna, bert, cora, tom } = await company(t);

    bert.client.changeNick('berta');
    for (const person of [anna, bert, cora])
        await person.hears('nick', { nick: 'bert', new_nick: 'berta' });
    await tom.sees('* bert is now called berta');
    tom.types('/nick thomas');
    await tom.sees('* you are now called thomas');
    await anna.hears('nick', { nick: 'tom', new_nick: 'thomas' });
    bert.client.changeNick('Thomas');
    await bert.hears('nick in use', { nick: 'Thomas' });
});

test('a topic is seen by all, and set by operators alone', async (t) => {
    const { anna, bert, cora, tom } = await company(t);

    anna.client.setTopic('#dev', 'ships');
    for (const person of [anna, bert, cora])
        await person.hears('topic', { nick: 'anna', channel: '#dev', topic: 'ships' });
    await tom.sees('* anna has set the topic of #dev: ships');
    bert.client.setTopic('#dev', 'cars');
    await bert.hears('irc error', { error: 'chanop_privs_needed', channel: '#dev' });
    tom.types('/topic cars');
    await tom.sees('Only operators of the room may do that.');
    anna.client.mode('#dev', '+o', 'tom');
    await cora.hears('mode', {
        nick: 'anna', target: '#dev', raw_modes: '+o', raw_params: ['tom'],
    });
    await tom.sees('* anna has changed the modes of #dev: +o tom');
    tom.types('/topic -');
    await tom.sees('* you have cleared the topic of #dev');
    await anna.hears('topic', { nick: 'tom', channel: '#dev', topic: '' });
});

test('private words reach one alone', async (t) => {
    const { anna, bert, cora, tom } = await company(t);

    anna.client.say('bert', 'psst');
    await bert.hears('privmsg', { nick: 'anna', target: 'bert', message: 'psst' });
    bert.client.say('tom', 'psst');
    await tom.sees('bert tells you: psst');
    tom.types('/msg cora psst');
    await tom.sees('you tell cora: psst');
    await cora.hears('privmsg', { nick: 'tom', target: 'cora', message: 'psst' });
    anna.client.say('nobody', 'psst');
    await anna.hears('irc error', { error: 'no_such_nick', nick: 'nobody' });
});

test('who is kicked is out', async (t) => {
    const { anna, bert, cora, tom } = await company(t);

    anna.client.raw('KICK', '#dev', 'bert', 'too loud');
    for (const person of [anna, bert, cora])
        await person.hears('kick', { nick: 'anna', kicked: 'bert', message: 'too loud' });
    await tom.sees('* anna has kicked bert out of #dev (too loud)');
    bert.client.say('#dev', 'why?');
    await bert.hears('irc error', { error: 'cannot_send_to_channel', channel: '#dev' });
    anna.client.raw('KICK', '#dev', 'tom');
    await tom.sees('* anna has kicked you out of #dev (anna)');
    cora.client.raw('KICK', '#dev', 'anna');
    await cora.hears('irc error', { error: 'chanop_privs_needed', channel: '#dev' });
});

test('who is invited may come', async (t) => {
    const { anna, bert, tom } = await company(t);

    bert.client.part('#dev');
    await tom.sees('* bert has left #dev');
    anna.client.mode('#dev', '+i');
    await tom.sees('* anna has changed the modes of #dev: +i');
    bert.client.join('#dev');
    await bert.hears('irc error', { error: 'invite_only_channel', channel: '#dev' });
    anna.client.invite('#dev', 'bert');
    await anna.hears('invited', { nick: 'bert', channel: '#dev' });
    await bert.hears('invite', { nick: 'anna', invited: 'bert', channel: '#dev' });
    await bert.enters('#dev');
    await tom.skipsTo('* bert has joined #dev');
});

test('who is away is known to be', async (t) => {
    const { anna, bert, tom } = await company(t);

    anna.client.raw('AWAY', 'lunch');
    await anna.hears('away', { self: true });
    await bert.hears('away', { nick: 'anna', message: 'lunch' });
    await tom.sees('* anna is away (lunch)');
    bert.client.say('anna', 'hungry?');
    await bert.hears('away', { nick: 'anna', message: 'lunch' });
    anna.client.raw('AWAY');
    await bert.hears('back', { nick: 'anna' });
    await tom.sees('* anna is back');
});

test('WHOIS and WHO tell who somebody is', async (t) => {
    const { anna, bert } = await company(t);

    anna.client.whois('bert');
    await anna.hears('whois', {
        nick: 'bert', ident: '~bert', real_name: 'Real bert', server: 'test.example',
    });
    anna.client.whois('tom');
    await anna.hears('whois', { nick: 'tom', server: 'test.example' });
    anna.client.whois('nobody');
    await anna.hears('whois', { nick: 'nobody', error: 'not_found' });
    bert.client.raw('SETNAME', 'Another Bert');
    await anna.hears('user updated', { nick: 'bert', new_gecos: 'Another Bert' });
    anna.client.who('#dev');
    const { users } = await anna.hears('wholist', { target: '#dev' });
    assert.deepEqual(users.map(({ nick }) => nick), ['anna', 'bert', 'cora', 'tom']);
    assert.equal(users[1].real_name, 'Another Bert');
});

test('who goes is missed', async (t) => {
    const { anna, bert, cora, tom } = await company(t);

    bert.client.quit('home');
    for (const person of [anna, cora])
        await person.hears('quit', { nick: 'bert', message: 'Quit: home' });
    await tom.sees('* bert has quit (Quit: home)');
    tom.types('/quit tired');
    await tom.sees('Goodbye.');
    await cora.hears('quit', { nick: 'tom', message: 'tired' });
});
