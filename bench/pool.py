#!/usr/bin/env python3
"""Several servers as one: pool.py ADDRESS PORT BACKEND_PORT...

Leads each connection to a server that has none at the moment. `openssl s_server` serves one connection at a time, which over a long
way would measure its turn-taking; servers of the real world serve many.
"""
import asyncio
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except (OSError, RuntimeError):
        writer.transport.abort()


async def lead(reader, writer, address, idle):
    port = await idle.get()
    try:
        to_reader, to_writer = await asyncio.open_connection(address, port)
        await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))
        to_writer.close()
    except OSError:
        pass
    finally:
        writer.close()
        idle.put_nowait(port)


async def main(address, port, backends):
    idle = asyncio.Queue()
    for backend in backends:
        idle.put_nowait(int(backend))
    server = await asyncio.start_server(lambda r, w: lead(r, w, address, idle), address, int(port))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
