"""A name server for tests, within a network namespace: aliases and addresses by table, the rest is unknown."""
import socket, struct, threading

CNAME, ADDRESS, FAILURE, UNKNOWN = 5, 1, 2, 3


def packed(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0'


def record(owner, kind, data):
    return packed(owner) + struct.pack('>HHIH', kind, 1, 60, len(data)) + data


class NameServer(threading.Thread):
    """table: name -> another name, an address, or None for a server that is out of order."""

    def __init__(self, table, address=('127.0.0.1', 53)):
        super().__init__(daemon=True)
        self.table, self.asked = table, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.start()

    def answer(self, name, kind):
        records = []
        while (value := self.table.get(name, '')) and not value[0].isdigit():
            records.append(record(name, CNAME, packed(value)))
            name = value
        if value is None:
            return FAILURE, []
        if value and kind == ADDRESS:
            records.append(record(name, ADDRESS, socket.inet_aton(value)))
        return (0 if records or value else UNKNOWN), records

    def run(self):
        while True:
            data, sender = self.socket.recvfrom(4096)
            labels, at = [], 12
            while data[at]:
                labels.append(data[at + 1:at + 1 + data[at]].decode())
                at += data[at] + 1
            name, kind = '.'.join(labels).lower(), struct.unpack_from('>H', data, at + 1)[0]
            self.asked.append(name)
            status, records = self.answer(name, kind)
            head = data[:2] + struct.pack('>HHHHH', 0x8180 | status, 1, len(records), 0, 0)
            self.socket.sendto(head + data[12:at + 5] + b''.join(records), sender)
