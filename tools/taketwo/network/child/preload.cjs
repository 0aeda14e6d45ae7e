// Node.js loads this as it starts in a child process of a test that is recorded or replayed (NODE_OPTIONS):
// most of its versions use no proxy of the environment. Before anything connects, the test's process is asked.
'use strict';

const net = require('net');

const [manner, place, route] = (process.env.TAKETWO_CHILD || '').split(' ');

if (place) {
  const port = Number(place.slice(place.lastIndexOf(':') + 1));
  const connect = net.Socket.prototype.connect;
  const listen = net.Server.prototype.listen;
  const own = new Set();

  const ask = (method, what, done) => {
    const line = new net.Socket();
    let answer = '';
    line.setEncoding('utf8');
    line.on('data', (piece) => { answer += piece; });
    line.on('error', () => {});
    line.on('close', () => {
      const isFine = answer.startsWith('HTTP/1.1 200');
      const told = answer.slice(answer.indexOf('\r\n\r\n') + 4);
      if (isFine) return done('', told);
      return done(told || `Network is disabled for ${what}: the test that started this process has ended`);
    });
    connect.call(line, { host: '127.0.0.1', port });
    line.write(`${method} ${what} HTTP/1.1\r\n\r\n`);
  };

  // As Node.js itself reads the arguments: options, or a path, or a port and a host.
  const target = (args) => {
    const first = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (first !== null && typeof first === 'object') return first;
    if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first };
    return { port: first, host: typeof args[1] === 'string' ? args[1] : undefined };
  };

  net.Server.prototype.listen = function taketwoListen(...args) {
    this.once('listening', () => {
      const address = this.address();
      if (address && typeof address === 'object') own.add(address.port);
    });
    return listen.apply(this, args);
  };

  net.Socket.prototype.connect = function taketwoConnect(...args) {
    const { host = 'localhost', port: wanted, path } = target(args);
    const isHere = ['localhost', '127.0.0.1', '::1'].includes(host);
    if (!path && isHere && (own.has(Number(wanted)) || Number(wanted) === port)) return connect.apply(this, args);
    const where = host.includes(':') ? `[${host}]` : host;
    this.connecting = true;
    const isRouted = route && !path;
    ask(isRouted ? 'ROUTE' : 'CHECK', path ? encodeURI(path) : `${where}:${wanted}`, (refusal, there) => {
      if (this.destroyed) return;
      if (isRouted && !refusal) {
        const done = Array.isArray(args[0]) ? args[0][1] : args.find((one) => typeof one === 'function');
        connect.call(this, { ...target(args), host: '127.0.0.1', port: Number(there), lookup: undefined }, done);
      } else if (refusal && manner === 'refuse') {
        this.connecting = false;
        this.destroy(new Error(refusal));
      } else {
        connect.apply(this, args);
      }
    });
    return this;
  };
}
