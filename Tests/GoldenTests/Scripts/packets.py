"""Sends packets into interfaces and prints what became of each: `NUMBER forward`, `NUMBER input` or `NUMBER lost`.

    packets.py FILE

Lines of FILE: packet NUMBER INTERFACE FAMILY SOURCE DESTINATION PROTOCOL FIRST SECOND KIND ORIGIN

FIRST and SECOND are ports, or the type of ICMP and nothing. KIND is `new`, `reply` (to packet ORIGIN) or `error` (an error about
packet ORIGIN). Every packet carries its number, so that answers of the host itself are not mistaken for it.
"""

import os
import select
import socket
import struct
import sys

TCP, UDP, SCTP, ICMP, ICMPV6 = 6, 17, 132, 1, 58
ETHERNET = {4: 0x0800, 6: 0x86DD}
OUTGOING = 4  # PACKET_OUTGOING, linux/if_packet.h


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32c(data):
    """RFC 9260, appendix A."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Packet:
    def __init__(self, words):
        self.number, self.interface, self.family = int(words[0]), words[1], int(words[2])
        self.address_family = socket.AF_INET if self.family == 4 else socket.AF_INET6
        self.source, self.destination = (socket.inet_pton(self.address_family, word) for word in words[3:5])
        self.proto, self.first, self.second = (int(word) for word in words[5:8])
        self.kind, self.origin = words[8], int(words[9])

    def payload(self, packets):
        """What follows the header of IP, checksums filled in."""
        number = self.number
        ends = self.source + self.destination
        if self.proto == TCP:
            flags = 0x12 if self.kind == "reply" else 0x02
            data = struct.pack("!HHIIBBHHH", self.first, self.second, number, 1, 5 << 4, flags, 64240, 0, 0)
            place = 16
        elif self.proto == UDP:
            data = struct.pack("!HHHHI", self.first, self.second, 12, 0, number)
            place = 6
        elif self.proto == SCTP:
            # An INIT, RFC 9260 section 3.3.2, or its acknowledgement.
            chunk = struct.pack("!BBHIIHHI", 1, 0, 20, number + 1, 65536, 1, 1, 1)
            data = struct.pack("!HHII", self.first, self.second, 0, 0) + chunk
            return data[:8] + struct.pack("<I", crc32c(data)) + data[12:]
        elif self.proto in (ICMP, ICMPV6):
            about = b""
            if self.kind == "error":
                original = packets[self.origin]
                about = original.bytes(packets)[: 28 if self.family == 4 else 48]
            number &= 0xFFFF
            if self.kind == "reply":
                number = self.origin & 0xFFFF
            rest = struct.pack("!HH", number, number) if self.kind != "error" else struct.pack("!I", number)
            data = struct.pack("!BBH", self.first, 0, 0) + rest + about + bytes(24)
            place = 2
        else:
            return struct.pack("!I", number)
        if self.proto != ICMP:
            length = struct.pack("!HBB", len(data), 0, self.proto)
            ends += length[:2] if self.family == 4 else b"\0\0" + length[:2]
            ends += bytes([0, self.proto]) if self.family == 4 else bytes([0, 0, 0, self.proto])
        else:
            ends = b""
        sum_ = checksum(ends + data) or 0xFFFF
        return data[:place] + struct.pack("!H", sum_) + data[place + 2 :]

    def bytes(self, packets):
        payload = self.payload(packets)
        if self.family == 6:
            # Neighbour discovery is believed only with this limit (RFC 4861).
            limit = 255 if self.proto == ICMPV6 and 133 <= self.first <= 137 else 64
            return struct.pack("!IHBB", 6 << 28, len(payload), self.proto, limit) + self.source + self.destination + payload
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), self.number & 0xFFFF, 0, 64, self.proto, 0)
        header += self.source + self.destination
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


class Marks:
    """Which packet is which, by what a router leaves as it is."""

    def __init__(self, packets):
        self.known = {}
        for packet in packets.values():
            data = packet.bytes(packets)
            mark = self.mark(data, packet.family)
            assert mark not in self.known, (packet.number, self.known[mark])
            self.known[mark] = packet.number

    @staticmethod
    def mark(data, family):
        start = 20 if family == 4 else 40
        proto = data[9] if family == 4 else data[6]
        ends = data[12:20] if family == 4 else data[8:40]
        return family, ends, proto, data[start : start + 24]

    def number(self, data, family):
        return self.known.get(self.mark(data, family))


def main():
    # The queues of received packets are by processor: on one, packets stay in order, an answer behind what it answers.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    packets = {}
    interfaces = set()
    with open(sys.argv[1], encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] == "address":
                interfaces.add(words[1])
            if words[0] == "packet":
                packet = Packet(words[1:])
                packets[packet.number] = packet
    marks = Marks(packets)
    fates = {}

    def note(number, fate):
        if number is not None:
            assert fates.setdefault(number, fate) == fate, f"{number} twice"

    # What leaves by an interface arrives at its peer.
    wires = {}
    for interface in interfaces:
        wires[interface] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        wires[interface].bind((interface + "-peer", 3))
        wires[interface].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    # Raw sockets get what the chain INPUT let through (raw(7)).
    hosts = {}
    for proto in sorted({(packet.address_family, packet.proto) for packet in packets.values()}):
        hosts[socket.socket(proto[0], socket.SOCK_RAW, proto[1])] = proto

    def hear(seconds):
        while ready := select.select([*wires.values(), *hosts], [], [], seconds)[0]:
            for sock in ready:
                data, sender = sock.recvfrom(65535)
                if sock not in hosts:
                    family = {protocol: family for family, protocol in ETHERNET.items()}.get(struct.unpack("!H", data[12:14])[0])
                    if family and sender[2] != OUTGOING:
                        note(marks.number(data[14:], family), "forward")
                elif hosts[sock][0] == socket.AF_INET:
                    note(marks.number(data, 4), "input")
                else:
                    # IPv6 hands over no header: neither the receiver's address. The rest must say enough.
                    source = socket.inet_pton(socket.AF_INET6, sender[0].split("%")[0])
                    found = [
                        number
                        for (family, ends, proto, start), number in marks.known.items()
                        if family == 6 and proto == hosts[sock][1] and ends[:16] == source and start == data[:24]
                    ]
                    note(found[0] if len(found) == 1 else None, "input")

    def address(name):
        with open(f"/sys/class/net/{name}/address", encoding="ascii") as file:
            return bytes.fromhex(file.read().strip().replace(":", ""))

    heads = {interface: address(interface) + bytes.fromhex("020000000099") for interface in interfaces}
    hear(0.2)
    for number in sorted(packets):
        packet = packets[number]
        frame = heads[packet.interface] + struct.pack("!H", ETHERNET[packet.family]) + packet.bytes(packets)
        wires[packet.interface].send(frame)
        hear(0)
    hear(0.5)
    for number in sorted(packets):
        print(number, fates.get(number, "lost"))


main()
