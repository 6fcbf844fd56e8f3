"""gdb shows positions: gdb -x test/gdb/position.py -p PID, or source it in .gdbinit.

  print *state           a PositionState, in whichever function has one
  print packed           a varlena * whose bytes are a position, packed or a state
  print cell             a Cell
  position EXPRESSION    any of these in full: a pointer to a varlena, a PositionState,
                         a Datum, or a pointer to an expanded position
  position --raw STATE   where the parts of a state are: places, sections, journal

Only memory is read and nothing is called in the server, so this works on core files too.
What cells there are is taken from cell_kinds, as gdb reads it, so a new one needs nothing here.
"""
import struct
from decimal import Decimal, getcontext

import gdb

getcontext().prec = 60
AMOUNT_SCALE = 12
SHORT_SCALE = 8
SUM_WIDE = 255
CELL_END = 0
NO_CURRENCY = 0xFFFF
KEY_NONE, KEY_DATE, KEY_INSTANT, KEY_TEXT = range(4)
EXPANDED_TAGS = (2, 3)          # vartag_external of read-only and read-write pointers
INFINITE_DATE = {-2**31: "-infinity", 2**31 - 1: "infinity"}
INFINITE_INSTANT = {-2**63: "-infinity", 2**63 - 1: "infinity"}


def memory(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def currency(code):
    return "".join(chr(65 + code // n % 26) for n in (676, 26, 1))


def decimal(number, scale):
    value = Decimal(number).scaleb(-scale)
    return format(value.normalize() if value else Decimal(0), "f")


def date(days):
    """A DateADT, by the calendar that PostgreSQL has, as far as it matters to a person."""
    if days in INFINITE_DATE:
        return INFINITE_DATE[days]
    era, doe = divmod(days + 730425, 146097)    # days since 0000-03-01, by 400 years
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    month = (5 * doy + 2) // 153
    day = doy - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return "%04d-%02d-%02d" % (yoe + era * 400 + (month <= 2), month, day)


def instant(microseconds):
    if microseconds in INFINITE_INSTANT:
        return INFINITE_INSTANT[microseconds]
    days, rest = divmod(microseconds, 86400 * 1000000)
    seconds, fraction = divmod(rest, 1000000)
    text = "%s %02d:%02d:%02d" % (date(days), seconds // 3600, seconds // 60 % 60, seconds % 60)
    return text + (".%06d" % fraction if fraction else "") + "+00"


class Kind:
    """A row of cell_kinds."""

    def __init__(self, value):
        name = value["name"]
        self.name = name.string() if int(name) else "rows"
        self.key = int(value["key"])
        self.place = int(value["class"])
        self.group = int(value["group"])
        self.measures = int(value["measures"])
        since = gdb.parse_and_eval("measures_since")[self.group]
        self.measures_1 = sum(int(since[i]) == 1 for i in range(self.measures))
        self.knows_unknown = bool(value["knows_unknown"])
        self.is_void = bool(value["is_void"])


def kinds():
    table = gdb.parse_and_eval("cell_kinds")
    return [None] + [Kind(table[i]) for i in range(1, table.type.range()[1] + 1)]


def show_cell(kind, key, count, sums):
    """A cell as the text form has it; sums are pairs of an amount and unknown rows."""
    shown = [] if kind.key == KEY_NONE else [key]
    shown.append(str(count))
    shown += [amount + ("?%d" % unknown if unknown else "") for amount, unknown in sums]
    return "%s(%s)" % (kind.name, " ".join(shown))


def show_key(kind, key, text=None):
    if kind.key == KEY_TEXT:
        return '"%s"' % text.decode("utf-8", "backslashreplace")
    return date(key) if kind.key == KEY_DATE else instant(key)


def wide(data):
    """A numeric in its binary format, as a decimal."""
    ndigits, weight, sign, scale = struct.unpack(">hhHh", data[:8])
    value = Decimal(0)
    for i, digit in enumerate(struct.unpack(">%dh" % ndigits, data[8:])):
        value += Decimal(digit) * Decimal(10000) ** (weight - i)
    return -value if sign == 0x4000 else value


def numeric(data):
    """A numeric as it is in memory, without its length."""
    header, = struct.unpack("=H", data[:2])
    if header & 0x8000:
        negative, at = bool(header & 0x2000), 2
        weight = (header & 0x3F) - (header & 0x40)
    else:
        negative, at = header & 0xC000 == 0x4000, 4
        weight, = struct.unpack("=h", data[2:4])
    value = Decimal(0)
    for i in range((len(data) - at) // 2):
        digit, = struct.unpack_from("=h", data, at + 2 * i)
        value += Decimal(digit) * Decimal(10000) ** (weight - i)
    return -value if negative else value


class Packed:
    """Reads the packed form; see the heading of the file that writes it."""

    def __init__(self, data):
        self.data = data
        self.at = 1

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def take(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def sum(self):
        form = self.byte()
        if form == SUM_WIDE:
            return decimal(wide(self.take(self.varint())), 0)
        return decimal(self.signed(), form - 1) if form else "0"

    def cell(self, byte):
        kind, measures = KINDS[byte & 31], byte >> 5
        if self.data[0] == 1:
            measures = kind.measures_1
        key = None
        if kind.key == KEY_TEXT:
            key = show_key(kind, 0, self.take(self.varint()))
        elif kind.key != KEY_NONE:
            key = show_key(kind, self.signed())
        count = self.signed()
        sums = []
        for _ in range(measures):
            amount = self.sum()
            sums.append((amount, self.signed() if kind.knows_unknown else 0))
        return show_cell(kind, key, count, sums)

    def show(self):
        currencies = []
        while self.at < len(self.data):
            name, cells = currency(self.byte() << 8 | self.byte()), []
            while (byte := self.byte()) & 31 != CELL_END:
                cells.append(self.cell(byte))
            currencies.append("%s %s" % (name, " ".join(cells)))
        return "packed form %d {%s}" % (self.data[0], "; ".join(currencies))


class State:
    """Reads a state by the structures that gdb knows."""

    def __init__(self, value):
        self.value = value
        self.address = int(value.address)
        self.size = int(value["vl_len_"]) >> 2 if LITTLE else int(value["vl_len_"]) & 0x3FFFFFFF
        self.shapes = gdb.parse_and_eval("section_shapes")
        sections = gdb.lookup_type("StateSection").fields()
        self.sections = {f.name: f.enumval for f in sections if f.enumval >= 0}
        codes = self.address + value.type["codes"].bitpos // 8
        places = int(value["max_currencies"])
        self.codes = struct.unpack("=%dH" % places, memory(codes, 2 * places))

    def name(self, section):
        return next(n for n, v in self.sections.items() if v == section and n != "NUM_SECTIONS")

    def slots(self, section, place):
        classes, sums = (int(self.shapes[section][f]) for f in ("classes", "sums"))
        width = 8 * (1 + sums)
        start = self.address + int(self.value["section"][section]) + place * classes * width
        for i in range(classes):
            numbers = struct.unpack("=%dq" % (1 + sums), memory(start + i * width, width))
            yield i, numbers[0], numbers[1:]

    def kind(self, section, place_in_group):
        name = self.name(section).replace("TOTALS", "INVOICES").replace("SECTION_", "GROUP_")
        group = int(gdb.parse_and_eval("(int) " + name))
        return next(k for k in KINDS[1:] if k.group == group and k.place == place_in_group)

    def slot_cells(self, place):
        for section in sorted(v for n, v in self.sections.items() if n != "NUM_SECTIONS"):
            if not int(self.value["section"][section]):
                continue
            for i, count, sums in self.slots(section, place):
                if count or any(sums):
                    shown = [(decimal(n, SHORT_SCALE), 0) for n in sums]
                    yield show_cell(self.kind(section, i), None, count, shown)

    def entries(self):
        """The journal: (offset, currency, text)."""
        at = start = self.address + int(self.value["journal"])
        end = start + int(self.value["journal_used"])
        while at < end:
            code, tag, count, day, total = struct.unpack("=HBbiq", memory(at, 16))
            kind, offset, text, measure = KINDS[tag], at - start, b"", 0
            if count:
                key, unknown = day, 0
                if kind.key == KEY_INSTANT:
                    key, = struct.unpack("=q", memory(at + 16, 8))
                at += 24 if kind.key == KEY_INSTANT else 16
                amount = decimal(total, SHORT_SCALE)
            else:
                size, key, count, unknown = struct.unpack("=qqqq", memory(at + 16, 32))
                measure, behind, amount = day, at + 48, decimal(total, SHORT_SCALE)
                if kind.key == KEY_TEXT:
                    text = memory(behind, key)
                    behind += (key + 7) & ~7
                if behind < at + size:
                    length = struct.unpack("=I", memory(behind, 4))[0]
                    length = length >> 2 if LITTLE else length & 0x3FFFFFFF
                    amount = decimal(numeric(memory(behind + 4, length - 4)), 0)
                at += size
            if kind.key == KEY_NONE:
                shown = "%s[%d] += %s" % (kind.name, measure, amount)
                shown += "?%d" % unknown if unknown else ""
            else:
                shown = show_cell(kind, show_key(kind, key, text), count, [(amount, unknown)])
            yield offset, currency(code), shown

    def show(self):
        shown = []
        journal = list(self.entries())
        for place, code in enumerate(self.codes):
            if code != NO_CURRENCY:
                shown.append(" ".join([currency(code)] + list(self.slot_cells(place))))
        text = "state {%s}" % "; ".join(sorted(shown))
        if journal:
            entries = ["%s %s" % (code, entry) for _, code, entry in journal[:20]]
            more = " … %d more" % (len(journal) - 20) if len(journal) > 20 else ""
            text += " journal {%s%s}" % ("; ".join(entries), more)
        return text

    def show_raw(self):
        lines = ["state of %d bytes at %#x" % (self.size, self.address)]
        lines += ["  place %d  %s" % (i, currency(c) if c != NO_CURRENCY else "free")
                  for i, c in enumerate(self.codes)]
        for name, section in self.sections.items():
            if name != "NUM_SECTIONS" and int(self.value["section"][section]):
                lines.append("  at %d  %s" % (int(self.value["section"][section]), name))
        used, in_order = (int(self.value[f]) for f in ("journal_used", "journal_sorted"))
        capacity = self.size - int(self.value["journal"])
        lines.append("  at %d  journal, %d of %d bytes used, %d of them in order"
                     % (int(self.value["journal"]), used, capacity, in_order))
        lines += ["    +%d  %s %s" % entry for entry in self.entries()]
        return "\n".join(lines)


def position(address):
    """A position by its address: packed, a state, or a pointer to an expanded one."""
    first = memory(address, 1)[0]
    # a varlena's header has its kind in the first byte, at the end that is lowest
    short, external = (first & 1, first == 1) if LITTLE else (first & 0x80, first == 0x80)
    if external:
        if memory(address + 1, 1)[0] not in EXPANDED_TAGS:
            return "toasted on disk: not to be had from here"
        header, = struct.unpack("=Q", memory(address + 2, 8))
        expanded = gdb.Value(header).cast(gdb.lookup_type("ExpandedPosition").pointer())
        if int(expanded["packed"]):
            return "expanded, " + position(int(expanded["packed"]))
        return "expanded, " + position(int(expanded["state"]))
    if short:
        size = first >> 1 if LITTLE else first & 0x7F
        return Packed(memory(address + 1, size - 1)).show()
    length, = struct.unpack("=I", memory(address, 4))
    if length & (2 if LITTLE else 0x40000000):
        return "compressed: not to be read from here"
    size = length >> 2 if LITTLE else length & 0x3FFFFFFF
    data = memory(address + 4, size - 4)
    if data[0] == 0:
        return State(gdb.Value(address).cast(gdb.lookup_type("PositionState").pointer())
                     .dereference()).show()
    return Packed(data).show()


def set_up():
    global KINDS, LITTLE
    LITTLE = "little" in gdb.execute("show endian", to_string=True)
    KINDS = kinds()


class PositionCommand(gdb.Command):
    """position [--raw] EXPRESSION: show a position, whichever its form."""

    def __init__(self):
        super().__init__("position", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        set_up()
        raw = argument.startswith("--raw ")
        value = gdb.parse_and_eval(argument[6:] if raw else argument)
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
            value = value.address
        address = int(value)
        if raw:
            pointer = gdb.lookup_type("PositionState").pointer()
            print(State(gdb.Value(address).cast(pointer).dereference()).show_raw())
        else:
            print(position(address))


class StatePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        set_up()
        return State(self.value).show()


class CellPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        set_up()
        value, tag = self.value, int(self.value["tag"])
        if not 0 < tag < len(KINDS):
            return "no cell, tag %d" % tag
        kind, sums = KINDS[tag], []
        text = b""
        if kind.key == KEY_TEXT:
            text = memory(int(value["text"]), int(value["text_length"]))
        for i in range(kind.measures):
            quantity = value["measure"][i]
            small = memory(int(quantity["sum"]["small"].address), 16)
            small = int.from_bytes(small, "little" if LITTLE else "big", signed=True)
            amount = decimal(small, AMOUNT_SCALE)
            if int(quantity["sum"]["wide"]):
                amount += " + a numeric"
            sums.append((amount, int(quantity["unknown"])))
        key = show_key(kind, int(value["due"]), text) if kind.key != KEY_NONE else None
        return "%s %s" % (currency(int(value["currency"])),
                          show_cell(kind, key, int(value["count"]), sums))


def find_printer(value):
    name = value.type.strip_typedefs().unqualified().name or value.type.name
    printers = {"PositionState": StatePrinter, "Cell": CellPrinter}
    return printers[name](value) if name in printers and value.address is not None else None


KINDS, LITTLE = [], True
gdb.pretty_printers.append(find_printer)
PositionCommand()
