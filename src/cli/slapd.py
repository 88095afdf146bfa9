"""A real slapd on loopback, with a certificate and people; for the real tests."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

SCHEMAS = pathlib.Path("/etc/ldap/schema")
MODULES = pathlib.Path("/usr/lib/ldap")
LIMIT_S = 30
ADMIN = "cn=admin,dc=example,dc=org"
READER = "cn=wardlock,dc=example,dc=org"
READER_PASSWORD = "let me (read)*"
PEOPLE = "ou=people,dc=example,dc=org"
GROUPS = "ou=groups,dc=example,dc=org"

CONFIGURATION = """
{includes}
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
TLSCACertificateFile {certificates}/ca.pem
TLSCertificateFile {certificates}/server.pem
TLSCertificateKeyFile {certificates}/server.key
# Who does not ask by pages gets no more than this: clients must.
sizelimit size.soft=3 size.hard=3 size.prtotal=unlimited
security tls=1
database mdb
suffix dc=example,dc=org
rootdn {admin}
rootpw secret
directory {folder}/data
index entryUUID,objectClass,uid,modifyTimestamp eq
access to * by dn.exact={reader} read by anonymous auth by * none
"""

TREE = f"""
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: wardlock
userPassword: {READER_PASSWORD}

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups
"""


def is_installed():
    return shutil.which("slapd") is not None and shutil.which("ldapmodify") is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    """Runs until `stop`. `certificates` has `ca`, and `server`, which it issued for 127.0.0.1."""

    def __init__(self, folder, certificates, schemas=("core", "cosine", "inetorgperson"),
                 more=""):
        self.folder = pathlib.Path(folder)
        self.certificates = pathlib.Path(certificates)
        (self.folder / "data").mkdir(parents=True)
        self.file = self.folder / "slapd.conf"
        self.file.write_text(CONFIGURATION.format(
            includes="\n".join(f"include {SCHEMAS}/{name}.schema" for name in schemas),
            modules=MODULES, folder=self.folder, certificates=self.certificates, admin=ADMIN,
            reader=READER) + more)
        self.port, self.tls_port = free_port(), free_port()
        self.process = None
        self.start()
        self.add(TREE)

    @property
    def url(self):
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def starttls_url(self):
        return f"ldap://127.0.0.1:{self.port}"

    def start(self):
        addresses = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        self.process = subprocess.Popen(["slapd", "-d", "0", "-f", self.file, "-h", addresses],
                                        stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + LIMIT_S
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"slapd did not start: {self.process.stderr.read()}")
            try:
                socket.create_connection(("127.0.0.1", self.tls_port), 1).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(LIMIT_S)
        self.process.stderr.close()

    def modify(self, ldif, *options):
        """What LDIF says, done by the administrator."""
        done = subprocess.run(
            ["ldapmodify", "-Z", "-Z", *options, "-H", self.starttls_url, "-D", ADMIN, "-w",
             "secret"], input=ldif, text=True, capture_output=True, timeout=LIMIT_S,
            env={**os.environ, "LDAPTLS_CACERT": str(self.certificates / "ca.pem")})
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def add(self, ldif):
        self.modify(ldif, "-a")

    def remove(self, dn):
        self.modify(f"dn: {dn}\nchangetype: delete\n")

    def replace(self, dn, **attributes):
        lines = [f"dn: {dn}", "changetype: modify"]
        for name, value in attributes.items():
            lines += [f"replace: {name}"] + ([f"{name}: {value}"] if value else []) + ["-"]
        self.modify("\n".join(lines) + "\n")

    def add_person(self, uid, name="Ada Grey", mail=None, **attributes):
        given, _, family = name.rpartition(" ")
        lines = [f"dn: uid={uid},{PEOPLE}", "objectClass: inetOrgPerson", f"uid: {uid}",
                 f"cn: {name}", f"givenName: {given}", f"sn: {family}",
                 f"mail: {mail or uid + '@example.org'}"]
        self.add("\n".join(lines + [f"{key}: {value}" for key, value in attributes.items()]) + "\n")
        return f"uid={uid},{PEOPLE}"

    def add_group(self, name, members):
        lines = [f"dn: cn={name},{GROUPS}", "objectClass: groupOfNames", f"cn: {name}"]
        self.add("\n".join(lines + [f"member: {member}" for member in members]) + "\n")
        return f"cn={name},{GROUPS}"

    def set_members(self, group, members):
        lines = "".join(f"member: {member}\n" for member in members)
        self.modify(f"dn: {group}\nchangetype: modify\nreplace: member\n{lines}")

    def add_posix_group(self, name, number, uids):
        """As RFC 2307 has it; needs the schema `nis`."""
        lines = [f"dn: cn={name},{GROUPS}", "objectClass: posixGroup", f"cn: {name}",
                 f"gidNumber: {number}"]
        self.add("\n".join(lines + [f"memberUid: {uid}" for uid in uids]) + "\n")
        return f"cn={name},{GROUPS}"
