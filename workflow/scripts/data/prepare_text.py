"""Turn a text into numbers, one per character, and split it."""

import json

from crossbreed.data.characters import encode, split, vocabulary
from crossbreed.data.digests import verify
from crossbreed.data.jobs import PrepareText
from crossbreed.errors import CrossbreedError
from crossbreed.jobs.command_line import run_job
from crossbreed.language.text import Text, save_text


def prepare_text(job: PrepareText) -> None:
    """Write the text's two parts into the file `target`."""
    origin = json.loads(job.origins.read_text(encoding="utf-8"))
    edition = origin["edition"]
    if edition not in job.digests:
        raise CrossbreedError(
            f"{job.origins} names the edition {edition!r}, text.prefer has only "
            f"{', '.join(job.digests)}; delete it and run again"
        )
    verify(job.text, job.digests[edition])
    try:
        # Not as text, which would change the ends of lines.
        content = job.text.read_bytes().decode("utf-8")
        characters = vocabulary(content)
        train, validation = split(encode(content, characters), job.train_share)
        text = Text(train, validation, characters, edition, origin["title"])
        text.check(job.block_size)
    except UnicodeDecodeError as error:
        raise CrossbreedError(f"{job.text} is not text in UTF-8") from error
    except CrossbreedError as error:
        raise CrossbreedError(f"{job.text}: {error}") from error
    save_text(job.target, text, origin)


if __name__ == "__main__":
    run_job(PrepareText, prepare_text)
