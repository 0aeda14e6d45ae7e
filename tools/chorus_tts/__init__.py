"""
Chorus, a server that speaks English: ``python -m chorus_tts --port 8000``

It speaks by Kokoro-82M, or by a small voice that was distilled from it, on this machine alone: nothing is
downloaded. The same text, voice and settings give the same bytes, over HTTP and in a conversation, however
many threads and clients there are. The small voice gives them on every processor, with every version of
Python and numpy, because it is computed with :mod:`chorus_tts.arithmetic`. Kokoro gives them on processors of
one kind: on another, onnxruntime rounds differently, and the same words may last some hundredths of a second
longer.

Over HTTP
  * ``POST /v1/text-to-speech/{voice_id}`` answers when all is said, ``…/stream`` while it is said: a chunk is
    400 ms of sound, or what is left of a sentence. ``GET /v1/voices`` lists the voices with their engines.

In a conversation, ``WS /v1/text-to-speech/{voice_id}/stream-input``
  * The server begins with ``connected``. Text is collected until ``flush``; it is then said, as
    ``audioOutput`` of at most 400 ms each, and ends with ``finalOutput``. ``try_trigger_generation``,
    ``auto_mode`` and ``chunk_length_schedule`` say whole sentences earlier, without a ``finalOutput``.
  * An ``error`` leaves the conversation as it was, and comes in order with what is said.
  * An empty text ends the conversation: what waits is said, then the server closes. In the middle of an
    utterance (half a second or more after its last text, when some of it was heard) it cuts the utterance
    short. Whoever closes the connection ends the work at once.
  * What cannot be agreed on, an unknown voice or a wrong key, is refused as HTTP before the conversation.

What is said
  * Each sentence is a piece of its own, trimmed, with a pause behind it, and lasts a multiple of 20 ms, which
    is a whole number of samples at every rate.
  * English only. Emoji and marks of Markdown are left out; text in another script is refused.
  * ``stability``, ``similarity_boost``, ``style``, ``use_speaker_boost``, ``model_id`` and
    ``enable_logging`` are checked and change nothing.
"""
