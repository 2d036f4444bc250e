/** Spellings of addresses that lead inside, of hosts and sites, by what they really are. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  loopback: [
    ..."127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 017700000001 0x7f000001 0x7f.1 0177.1 0177.0.0.01".split(
      " ",
    ),
    ..."0x7f.0x0.0x0.0x1 127.0x1 0000177.0.0.1 0 0.0.0.0 0x0 00 0.1".split(" "),
    ..."127。0。0。1 127．0．0．1 ①②⑦.⓪.⓪.① １２７.0.0.1 𝟏𝟐𝟕.0.0.1 %31%32%37.0.0.1 127%2e0%2e0%2e1".split(
      " ",
    ),
    ..."[::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1]".split(
      " ",
    ),
    ..."[0:0:0:0:0:ffff:7f00:0001] [::FFFF:127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::127.0.0.1]".split(
      " ",
    ),
    ..."[2002:7f00:1::] [2001:0:7f00:1::1] [::1%25lo] [::ffff:0.0.0.0]".split(" "),
    ..."localhost LOCALHOST LocalHost %6cocalhost ⓛocalhost ｌocalhost localhost. localhost.. a.localhost x.y.localhost.".split(
      " ",
    ),
    ..."localhost.localdomain ip6-localhost.local loopback.internal".split(" "),
    "loc\u00adalhost",
    "l\u200bocalhost",
    "loc\talhost",
    "127.0.\n0.1",
  ],
  private: [
    ..."10.0.0.1 10.255.255.255 0x0a000001 167772161 012.0.0.1 172.16.0.1 172.31.255.254 192.168.0.1 3232235521".split(
      " ",
    ),
    ..."100.64.0.1 100.127.255.254 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1".split(
      " ",
    ),
    ..."240.0.0.1 255.255.255.255 0xffffffff [::ffff:10.0.0.1] [::ffff:c0a8:1] [fc00::1] [fd12:3456::1] [fe80::1]".split(
      " ",
    ),
    ..."[fe80::1%25eth0] [fec0::1] [ff02::1] [2001:db8::1] [3fff::1] [100::1] [5f00::1] [64:ff9b::a00:1]".split(
      " ",
    ),
    ..."[2002:a00:1::] [::10.0.0.1] [2001:10::1] router.home.arpa nas.local db.internal".split(" "),
  ],
  metadata: [
    ..."169.254.169.254 2852039166 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 169.254.43518 169.16689662".split(
      " ",
    ),
    ..."169.254.170.2 168.63.129.16 100.100.100.200 192.0.0.192 [fd00:ec2::254] [::ffff:169.254.169.254]".split(
      " ",
    ),
    ..."[::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe] [2002:a9fe:a9fe::] metadata.google.internal metadata.google.internal.".split(
      " ",
    ),
    "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
  ],
};

/** What stands around the host; `{host}` and `{port}` are filled in. A public host in here must not be reached either. */
const SHAPES = [
  "http://{host}/{canary}",
  "https://{host}/{canary}",
  "http://{host}:{port}/{canary}",
  "http://user:password@{host}:{port}/{canary}",
  "http://1.1.1.1@{host}:{port}/{canary}",
  "http://{host}:{port}#@1.1.1.1/{canary}",
  "http://{host}:{port}\\@1.1.1.1/{canary}",
  "http:\\\\{host}:{port}\\{canary}",
  "http:/{host}:{port}/{canary}",
  "HTTP://{host}:80/{canary}",
  " http://{host}/{canary} ",
  "\thttp://{host}:{port}/{canary}\n",
] as const;

/** Neither http nor https, or nothing that could be fetched. */
const OTHER = [
  ..."file ftp gopher dict ldap tftp ws wss unix jar blob view-source chrome about javascript data DATA mailto ssh redis"
    .split(" ")
    .map((scheme) => `${scheme}://127.0.0.1:{port}/{canary}`),
  "file:///etc/{canary}",
  "FILE:/etc/{canary}",
  "file:{canary}",
  "//127.0.0.1:{port}/{canary}",
  "//{canary}",
  "/{canary}",
  "\\\\127.0.0.1\\{canary}",
  "{canary}",
  "?{canary}",
  "#{canary}",
  "data:,{canary}",
  "data:text/html,<script>{canary}</script>",
  "data:image/png;base64,{canary}",
  "data:image/png;base64,aGVsbG8=",
  "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=",
  "data:image/png;base64,",
  "data:",
  "data:;base64,iVBORw0KGgo=",
  "blob:http://127.0.0.1:{port}/{canary}",
  "http://",
  "http:",
  "http://:{port}/{canary}",
  "http://1.1.1.1:{port}/{canary}",
  "http://1.1.1.1:22/{canary}",
  "https://1.1.1.1:8443/{canary}",
  "http://1.1.1.1:99999/{canary}",
  "http://1.1.1.1:-1/{canary}",
  "http://{canary}@1.1.1.1/",
  "http://:{canary}@1.1.1.1/",
  "http://256.256.256.256/{canary}",
  "http://1.2.3.4.5/{canary}",
  "http://0x100000000/{canary}",
  "http://[::1/{canary}",
  "http://[]/{canary}",
  "http://[v1.x]/{canary}",
  "http://a b/{canary}",
  "http://a%00b/{canary}",
  "http://%zz/{canary}",
  "http://xn--/{canary}",
  "http://./{canary}",
  "http://../{canary}",
  "http://?{canary}",
  "http://#{canary}",
  "http://\u0000/{canary}",
  "http://\ud800/{canary}",
  "",
  " ",
  "null",
  "undefined",
  "[object Object]",
  "__proto__",
] as const;

/**
 * Addresses of pictures that an upstream should not be able to make us fetch, each with a word of its own in it where it can hold
 * one. Every host stands in three shapes at least and every shape with every kind of host; ports are those of real listeners.
 */
export function foreignUrls(
  ports: readonly number[],
): readonly { readonly url: string; readonly canary: string }[] {
  const templates = [
    ...Object.values(INSIDE).flatMap((hosts) =>
      hosts.flatMap((host, index) =>
        [0, 1, 2].map((turn) => {
          const shape = turn === 0 ? SHAPES[2] : SHAPES[(index * 2 + turn) % SHAPES.length];
          return (shape ?? SHAPES[0]).replaceAll("{host}", () => host);
        }),
      ),
    ),
    ...OTHER,
  ];
  return [...new Set(templates)].map((template, index) => {
    const canary = `canary-url-${index}-end`;
    const port = String(ports[index % ports.length]);
    return { canary, url: template.replaceAll("{port}", port).replaceAll("{canary}", canary) };
  });
}
