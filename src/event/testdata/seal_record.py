#!/usr/bin/env python3
"""Seals the event of event_for_test.cc as docs/formats/audit-event.md says, and prints the record's
SHA-256: what the document leaves open would show here. Needs the package python3-cryptography.

usage: seal_record.py
"""
import hashlib
import json
import struct

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CLEAR = {
    "action": "changeDose", "allowed": True, "authentication_level": 2,
    "authentication_methods": ["otp", "pwd"], "caller": "infusion-gateway", "cause": "permit",
    "class": "care", "decision_id": "0e2b6f0e-93c3-4b5e-8f0d-0f2a6a1f6f33", "device": "pump-12",
    "id": "5d8f0c7e-3f0b-4a52-9d39-0c6f3d1f1a10", "kind": "decision", "node": "node-1",
    "outcome": "success", "policies": ["treat-own-patients", "night shift"],
    "policy_set": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "principal_type": "User", "purpose": "TREAT", "resource_type": "Pump", "revision": 1047,
    "tenant": "st-mary", "time": 1795330000123, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}
PERSON = {"principal_id": "dr-grey", "source_address": "192.0.2.77"}
PATIENT = {"patient": "p-100", "resource_id": "pump-of-p-100"}


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rotate(word, bits):
    return ((word << bits) | (word >> (32 - bits))) & 0xFFFFFFFF


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha-03, section 2.2."""
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for left, right, target, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[left] = (state[left] + state[right]) & 0xFFFFFFFF
            state[target] = rotate(state[target] ^ state[left], bits)

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for row in range(4):
            quarter(row, 4 + (row + 1) % 4, 8 + (row + 2) % 4, 12 + (row + 3) % 4)
    return struct.pack("<8I", *state[:4], *state[12:])


def framed(text):
    return struct.pack("<Q", len(text)) + text


def part_key(subject_key, belongs_to):
    return hashlib.blake2b(framed(b"record part") + framed(belongs_to), digest_size=32,
                           key=subject_key).digest()


def seal(key, nonce, text, belongs_to):
    both = hashlib.blake2b(b"wardlock committing aead 1" + nonce + belongs_to, digest_size=64,
                           key=key).digest()
    cipher = ChaCha20Poly1305(hchacha20(both[:32], nonce[:16]))
    return nonce + both[32:] + cipher.encrypt(bytes(4) + nonce[16:], text, None)


def main():
    numbers = iter(range(256))
    take = lambda count: bytes(next(numbers) for _ in range(count))
    keys = [(take(16), take(32)) for _ in range(2)]
    salt = take(16)
    clear = canonical(CLEAR)
    head = bytes([1]) + salt + struct.pack(">H", len(clear)) + clear
    record = head
    for (key_id, key), part, text in zip(keys, (1, 3), (PERSON, PATIENT)):
        belongs_to = bytes([part]) + key_id + hashlib.sha256(head).digest()
        sealed = seal(part_key(key, belongs_to), take(24), canonical(text), belongs_to)
        record += bytes([part]) + key_id + struct.pack(">H", len(sealed)) + sealed
    print(hashlib.sha256(record).hexdigest())


if __name__ == "__main__":
    main()
