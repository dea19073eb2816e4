#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes vectors.h, complete ESP packets with known answers, on stdout.

Packets that a document publishes are given whole and compared with what comes
out here; where documents have none (RFC 4309, ICVs over AES-CBC, ESN), the
packet is computed. The cryptography is OpenSSL's (python3-cryptography) and
Python's own hmac, so that nothing the kernel does is measured by the kernel.
"""
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.cmac import CMAC

BYTES_PER_LINE = 16


def unhex(text):
    return bytes.fromhex("".join(text.split()))


def pattern(length, start):
    """Bytes of a key that is nobody's."""
    return bytes((start + 11 * i) & 0xff for i in range(length))


def aes_block(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def aes_xcbc(key, message):
    """RFC 3566."""
    k1, k2, k3 = (aes_block(key, bytes([n]) * 16) for n in (1, 2, 3))
    blocks = [message[i:i + 16] for i in range(0, len(message), 16)] or [b""]
    last = blocks.pop()
    state = bytes(16)
    for block in blocks:
        state = aes_block(k1, xor(state, block))
    if len(last) == 16:
        last = xor(last, k2)
    else:
        last = xor(last + b"\x80" + bytes(15 - len(last)), k3)
    return aes_block(k1, xor(state, last))


def aes_cmac(key, message):
    cmac = CMAC(algorithms.AES(key))
    cmac.update(message)
    return cmac.finalize()


def hmac_of(digest):
    return lambda key, message: hmac.new(key, message, digest).digest()


# name in enum espvif_integ: (MAC, length of the ICV)
INTEG = {
    "HMAC_SHA1_96": (hmac_of(hashlib.sha1), 12),
    "HMAC_SHA2_256_128": (hmac_of(hashlib.sha256), 16),
    "HMAC_SHA2_384_192": (hmac_of(hashlib.sha384), 24),
    "HMAC_SHA2_512_256": (hmac_of(hashlib.sha512), 32),
    "AES_XCBC_96": (aes_xcbc, 12),
    "AES_CMAC_96": (aes_cmac, 12),
}


def encrypt_with(algorithm, mode, plaintext):
    encryptor = Cipher(algorithm, mode).encryptor()
    return encryptor.update(plaintext) + encryptor.finalize()


def aes_cbc(key, iv, plaintext):
    return encrypt_with(algorithms.AES(key), modes.CBC(iv), plaintext)


def des3_cbc(key, iv, plaintext):
    return encrypt_with(algorithms.TripleDES(key), modes.CBC(iv), plaintext)


def aes_ctr(key, iv, plaintext):
    """RFC 3686: nonce, IV, a block counter that starts at 1."""
    counter = key[-4:] + iv + b"\0\0\0\1"
    return encrypt_with(algorithms.AES(key[:-4]), modes.CTR(counter), plaintext)


def null(_key, _iv, plaintext):
    return plaintext


CIPHER = {"AES_CBC": aes_cbc, "3DES_CBC": des3_cbc, "AES_CTR": aes_ctr, "NULL": null}


def gcm(icv_len):
    def seal(key, iv, aad, plaintext):
        sealed = AESGCM(key[:-4]).encrypt(key[-4:] + iv, plaintext, aad)
        return sealed[:len(plaintext) + icv_len]
    return seal


def ccm(icv_len):
    def seal(key, iv, aad, plaintext):
        return AESCCM(key[:-3], icv_len).encrypt(key[-3:] + iv, plaintext, aad)
    return seal


def gmac(key, iv, aad, plaintext):
    """RFC 4543: everything is associated data, the IV too."""
    return plaintext + AESGCM(key[:-4]).encrypt(key[-4:] + iv, b"", aad + iv + plaintext)


def chacha(key, iv, aad, plaintext):
    return ChaCha20Poly1305(key[:-4]).encrypt(key[-4:] + iv, plaintext, aad)


AEAD = {
    "AES_GCM_8": gcm(8), "AES_GCM_12": gcm(12), "AES_GCM_16": gcm(16),
    "AES_CCM_8": ccm(8), "AES_CCM_12": ccm(12), "AES_CCM_16": ccm(16),
    "NULL_AES_GMAC": gmac, "CHACHA20_POLY1305": chacha,
}


def seal_packet(vector):
    """The whole ESP packet, SPI to ICV."""
    spi, iv, plaintext = (vector[k] for k in ("spi", "iv", "plaintext"))
    seq_lo = (vector["seq"] & 0xffffffff).to_bytes(4, "big")
    seq_hi = (vector["seq"] >> 32).to_bytes(4, "big") if vector["esn"] else b""
    header = spi + seq_lo + iv

    if vector["encr"] in AEAD:
        aad = spi + seq_hi + seq_lo
        return header + AEAD[vector["encr"]](vector["encr_key"], iv, aad, plaintext)

    packet = header + CIPHER[vector["encr"]](vector["encr_key"], iv, plaintext)
    mac, icv_len = INTEG[vector["integ"]]
    # RFC 4303 2.2.1: the upper half comes last
    return packet + mac(vector["integ_key"], packet + seq_hi)[:icv_len]


def make(name, encr, encr_key, spi, seq, iv, plaintext, **more):
    """One vector; @published is a packet as its document has it, up to the ICV or whole."""
    vector = {"name": name, "encr": encr, "encr_key": encr_key, "spi": spi, "seq": seq, "iv": iv,
              "plaintext": plaintext, "integ": more.get("integ", "NONE"),
              "integ_key": more.get("integ_key", b""), "esn": more.get("esn", False)}
    vector["packet"] = seal_packet(vector)
    published = more.get("published")
    if published is not None:
        whole = vector["integ"] == "NONE"
        assert published == (vector["packet"] if whole else
                             vector["packet"][:len(published)]), name
    return vector


SHA1_KEY = pattern(20, 0x21)
PING = unhex("""45000054 a6f20000 4001e778 c6336405 c0000205 08005b7a 3a080000 553bec10
    00073627 08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627 28292a2b
    2c2d2e2f 30313233 34353637""")


def rfc3602():
    """Section 4, cases 5 to 8. They have no ICV: it is computed."""
    key = unhex("90d382b410eeba7ad938c46cec1a82bf")
    key2 = unhex("0123456789abcdef0123456789abcdef")
    cases = [
        (5, key, "00004321", 1, "e96e8c08ab465763fd098d45dd3ff893",
         """08000ebda70a00008e9c083db95b0700 08090a0b0c0d0e0f1011121314151617
            18191a1b1c1d1e1f2021222324252627 28292a2b2c2d2e2f3031323334353637
            0102030405060708090a0b0c0d0e0e01""",
         """f663c25d325c18c6a9453e194e120849 a4870b66cc6b9965330013b4898dc856
            a4699e523a55db080b59ec3a8e4b7e52 775b07d1db34ed9c538ab50c551b874a
            a269add047ad2d5913ac19b7cfbad4a6"""),
        (6, key, "00004321", 8, "69d08df7d203329db093fc4924e5bd80",
         """0800b5e8a80a0500a69c083d0b660e00 777777777777777777777777 01020201""",
         """f51995881ec4e0c4488987ce742e8109 689bb379d2d750c0d915dca346a89f75"""),
        (7, key2, "00008765", 2, "f4e765244f6407adf13dc1380f673f37",
         """45000054090400004001f988c0a87b03 c0a87bc808009f76a90a0100b49c083d
            02a2040008090a0b0c0d0e0f10111213 1415161718191a1b1c1d1e1f20212223
            2425262728292a2b2c2d2e2f30313233 3435363701020304050607 08090a0a04""",
         """773b5241a4c449225e4f3ce5ed611b0c 237ca96cf74a93013c1b0ea1a0cf70f8
            e4ecaec78ac53aad7a0f022b859243c6 47752e94a859352b8a4d4d2decd136e5
            c177f132ad3fbfb2201ac9904c74ee0a 109e0ca1e4dfe9d5a100b842f1c22f0d"""),
        (8, key2, "00008765", 5, "85d47224b5f3dd5d2101d4ea8dffab22",
         """45000044090c00004001f990c0a87b03 c0a87bc80800d63caa0a0200c69c083d
            a3de0300ffffffffffffffffffffffff ffffffffffffffffffffffffffffffff
            ffffffff010203040506070809 0a0a04""",
         """15b92683819596a8047232cc00f7048f e45318e11f8a0f62ede3c3fc61203bb5
            0f980a08c9843fd3a1b06d5c07ff9639 b7eb7dfb3512e5de435e7207ed971ef3
            d2726d9b5ef6affc6d17a0decbb13892"""),
    ]
    for number, aes_key, spi, seq, iv, plaintext, ciphertext in cases:
        published = unhex(spi) + seq.to_bytes(4, "big") + unhex(iv) + unhex(ciphertext)
        yield make(f"RFC 3602 case {number}", "AES_CBC", aes_key, unhex(spi), seq, unhex(iv),
                   unhex(plaintext), integ="HMAC_SHA1_96", integ_key=SHA1_KEY,
                   published=published)


def rfc7634():
    """Appendix A."""
    key = bytes(range(0x80, 0xa0)) + unhex("a0a1a2a3")
    spi, iv = unhex("01020304"), unhex("1011121314151617")
    plaintext = PING + unhex("01020204")
    yield make("RFC 7634 appendix A", "CHACHA20_POLY1305", key, spi, 5, iv, plaintext,
               published=unhex("""01020304 00000005 10111213 14151617
                   24039428b97f417e3c13753a4f05087b 67c352e6a7fab1b982d466ef407ae5c6
                   14ee8099d52844eb61aa95dfab4c02f7 2aa71e7c4c4f64c9befe2facc638e8f3
                   cbec163fac469b502773f6fb94e664da 9165b82829f641e0
                   76aaa8266b7fb0f7b11b369907e1ad43"""))
    yield make("ChaCha20-Poly1305 with ESN", "CHACHA20_POLY1305", key, spi, 0x500000005, iv,
               plaintext, esn=True)


def mcgrew():
    """draft-mcgrew-gcm-test-01: packets for RFC 4106 and RFC 4543."""
    yield make("GCM 128 with ESN", "AES_GCM_16",
               unhex("4c80cdefbb5d10da906ac73c3613a634 2e443b68"), unhex("00004321"),
               0x8765432100000000, unhex("4956ed7e3b244cfe"),
               unhex("""45000048699a000080114db7c0a80102 c0a801010a9bf15638d3010000010000
                   00000000045f736970045f7564700373 69700963796265726369747902646b00
                   0021000101020201"""), esn=True,
               published=unhex("""00004321 00000000 4956ed7e3b244cfe
                   fecf537e729d5b07dc30df528dd22b76 8d1b98736696a6fd348509fa13ceac34
                   cfa2436f14a3f3cf65925bf1f4a13c5d 15b21e1884f5ff6247aeabb786b93bce
                   61bc17d768fd9732 459018148f6cbe722fd04796562dfdb4"""))
    yield make("GCM 128", "AES_GCM_16", unhex("feffe9928665731c6d6a8f9467308308 cafebabe"),
               unhex("0000a5f8"), 10, unhex("facedbaddecaf888"),
               unhex("""4500003e698f000080114dccc0a80102 c0a801010a980035002a2343b2d00100
                   00010000000000000373697009637962 65726369747902646b00000100010001"""),
               published=unhex("""0000a5f8 0000000a facedbaddecaf888
                   deb22cd9b07c72c16e3a65beeb8df304 a5a5897d33ae530f1ba76d5d114d2a5c
                   3de81827c10e9a4f51330d0eec416642 cfbb85a5b47e48a4ec3b9ba95d918bd1
                   83b70d3aa8bc6ee4c309e9d85a41ad4a"""))
    yield make("GCM 192", "AES_GCM_16",
               unhex("feffe9928665731c6d6a8f9467308308 feffe9928665731c cafebabe"),
               unhex("0000a5f8"), 10, unhex("facedbaddecaf888"),
               unhex("""45000028a4ad4000400678800a01038f 0a010612802306b8cb712602dd6bb03e
                   501016d075680001"""),
               published=unhex("""0000a5f8 0000000a facedbaddecaf888
                   a5b1f8066029aea40e598b8122de0242 0938b3ab33f828e687b8858b5bfbdbd0
                   315b27452144cc77 95457b9652037f5318027b5b4cd7a636"""))
    yield make("GCM 256", "AES_GCM_16",
               unhex("abbccddef00112233445566778899aab abbccddef00112233445566778899aab 11223344"),
               unhex("4a2cbfe3"), 2, unhex("0102030405060708"),
               unhex("""4500003069a6400080062690c0a80102 9389155e0a9e008b2dc57ee000000000
                   7002400020bf0000020405b401010402 01020201"""),
               published=unhex("""4a2cbfe3 00000002 0102030405060708
                   ff425c9b724599df7a3bcd510194e00d 6a78107f1b0b1cbf06efae9d65a5d763
                   748a637985771d347f0545659f14e99d ef842d8e
                   b335f4eecfdbf831824b4c4915956c96"""))
    yield make("GCM 128, dummy packet at the last number", "AES_GCM_16",
               unhex("7d773d00c144c525ac619d18c84a3f47 d9664267"), unhex("335467ae"),
               0xffffffff, unhex("43457e9182443bc6"), unhex("01020201"),
               published=unhex("""335467ae ffffffff 43457e9182443bc6 437f866b
                   cb3f699fe9b0822bac961c4504bef270"""))
    yield make("GCM 256 with ESN at the last number", "AES_GCM_16",
               unhex("6c6567616c697a656d6172696a75616e 61616e64646f69746265666f72656961 7475726e"),
               unhex("796b6963"), 0xffffffffffffffff, unhex("333021696765746d"),
               unhex("""45000030da3a00008001df3bc0a80005 c0a800010800c6cd0200070061626364
                   65666768696a6b6c6d6e6f7071727374 01020201"""), esn=True,
               published=unhex("""796b6963 ffffffff 333021696765746d
                   f97ab2aa356d8edce17644ac8c78e25d d24dedbb29ebf1b64a274b39b49c3a86
                   4cd3d78ca4ae68a32b42458fb57dbe82 1dcc63b9
                   d0937ba2945f669368661a329fb4c053"""))


GMAC_KEY = unhex("4c80cdefbb5d10da906ac73c3613a634 22433c64")
GMAC_PLAINTEXT = unhex("""45000030da3a00008001df3bc0a80005 c0a800010800c6cd0200070061626364
    65666768696a6b6c6d6e6f7071727374 01020201""")


def mcgrew_gmac():
    """The draft's one packet of RFC 4543, and the same with ESN."""
    spi, iv = unhex("00004321"), bytes(8)
    yield make("GMAC", "NULL_AES_GMAC", GMAC_KEY, spi, 7, iv, GMAC_PLAINTEXT,
               published=spi + unhex("00000007") + iv + GMAC_PLAINTEXT +
               unhex("f2a9a836e155106aa8dcd618e4099aaa"))
    yield make("GMAC with ESN", "NULL_AES_GMAC", GMAC_KEY, spi, 0x100000007, iv,
               GMAC_PLAINTEXT, esn=True)


def computed():
    spi, iv8, iv16 = unhex("c0ffee01"), pattern(8, 0x40), pattern(16, 0x50)
    to_4 = PING + unhex("01020204")
    to_8 = to_4
    to_16 = PING + bytes(range(1, 11)) + unhex("0a04")
    seq, seq_esn = 0x01020304, 0x0506070801020304

    for icv_len, key_len in ((8, 16), (12, 24), (16, 32)):
        key = pattern(key_len + 3, 0x60 + icv_len)
        yield make(f"CCM {key_len * 8}, ICV of {icv_len}", f"AES_CCM_{icv_len}", key, spi, seq,
                   iv8, to_4)
        yield make(f"CCM {key_len * 8}, ICV of {icv_len} with ESN", f"AES_CCM_{icv_len}", key,
                   spi, seq_esn, iv8, to_4, esn=True)
    for icv_len in (8, 12):
        yield make(f"GCM 128, ICV of {icv_len}", f"AES_GCM_{icv_len}", pattern(20, icv_len), spi,
                   seq, iv8, to_4)
    pairs = [
        ("AES_CBC", 32, iv16, to_16, "HMAC_SHA2_256_128", 32),
        ("AES_CBC", 16, iv16, to_16, "HMAC_SHA1_96", 20),
        ("AES_CBC", 24, iv16, to_16, "HMAC_SHA2_384_192", 48),
        ("AES_CBC", 16, iv16, to_16, "AES_XCBC_96", 16),
        ("AES_CBC", 16, iv16, to_16, "AES_CMAC_96", 16),
        ("AES_CBC", 32, iv16, to_16, "HMAC_SHA2_512_256", 64),
        ("3DES_CBC", 24, iv8, to_8, "HMAC_SHA2_256_128", 32),
        ("AES_CTR", 20, iv8, to_4, "HMAC_SHA2_256_128", 32),
        ("NULL", 0, b"", to_4, "HMAC_SHA2_256_128", 32),
    ]
    for encr, key_len, iv, plaintext, integ, integ_key_len in pairs:
        for esn in (False, True):
            yield make(f"{encr} and {integ}{' with ESN' if esn else ''}", encr,
                       pattern(key_len, 0x33), spi, seq_esn if esn else seq, iv, plaintext,
                       integ=integ, integ_key=pattern(integ_key_len, 0x99), esn=esn)


def check_own_mac():
    """RFC 3566 section 4, cases 1 to 4."""
    key = bytes(range(16))
    answers = {0: "75f0251d528ac01c4573dfd584d79f29", 3: "5b376580ae2f19afe7219ceef172756f",
               16: "d2a246fa349b68a79998a4394ff7a263", 20: "47f51b4564966215b8985c63055ed308"}
    for length, answer in answers.items():
        assert aes_xcbc(key, bytes(range(length))).hex() == answer, length


def print_bytes(field, data):
    if not data:
        return
    print(f"\t\t.{field} =")
    for start in range(0, len(data), BYTES_PER_LINE):
        last = start + BYTES_PER_LINE >= len(data)
        digits = "".join(f"\\x{byte:02x}" for byte in data[start:start + BYTES_PER_LINE])
        print(f"\t\t\t\"{digits}\"{',' if last else ''}")
    print(f"\t\t.{field}_len = {len(data)},")


def print_vector(vector):
    print("\t{")
    print(f"\t\t.name = \"{vector['name']}\",")
    print(f"\t\t.encr = ESPVIF_ENCR_{vector['encr']},")
    print(f"\t\t.integ = ESPVIF_INTEG_{vector['integ']},")
    if vector["esn"]:
        print("\t\t.esn = true,")
        print(f"\t\t.seq_hi = {vector['seq'] >> 32:#010x},")
    for field in ("encr_key", "integ_key", "plaintext", "packet"):
        print_bytes(field, vector[field])
    print("\t},")


PROLOGUE = """\
/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Complete ESP packets with known answers. Made by vectors.py, which knows where
 * each comes from; change that, not this.
 */
#ifndef _ESPVIF_SELFTEST_VECTORS_H
#define _ESPVIF_SELFTEST_VECTORS_H

#include <linux/init.h>
#include <linux/types.h>
#include <uapi/linux/espvif.h>

/*
 * @plaintext: payload, padding, pad length and next header. @packet: from the SPI
 * to the end of the ICV.
 */
struct vector {
	const char *name;
	u16 encr;
	u16 integ;
	bool esn;
	u32 seq_hi;
	u8 encr_key_len;
	u8 integ_key_len;
	u8 plaintext_len;
	u8 packet_len;
	const char *encr_key;
	const char *integ_key;
	const char *plaintext;
	const char *packet;
};

static const struct vector vectors[] __initconst = {"""

EPILOGUE = """\
};

#endif /* _ESPVIF_SELFTEST_VECTORS_H */"""


def main():
    check_own_mac()
    print(PROLOGUE)
    for group in (rfc3602, rfc7634, mcgrew, mcgrew_gmac, computed):
        for vector in group():
            print_vector(vector)
    print(EPILOGUE)


if __name__ == "__main__":
    main()
