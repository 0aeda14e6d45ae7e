"""
Compiled cassettes, behind one door: :func:`taketwo.cassette.cache.packs.pack_in`.

What a text means is kept outside of the project, in one file for each folder of cassettes, by the hash of
the text. It buys the time of reading YAML. On a machine that parses a cassette of 3 interactions in 0.4 ms,
of 100 in 7 ms and of 5,000 in 500 ms, their compiled forms open in 0.2, 0.5 and 7 ms; to compile one takes
half of the time that its text took to be read, once per machine.
"""
