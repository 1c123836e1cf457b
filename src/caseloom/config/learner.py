"""The learner's service, and the sentence encoder of this installation. Never imported by a web process."""

import logging
import os
import threading

from caseloom.config.home import home_folder
from caseloom.learning.intake.encoder import Encoder, SentenceEncoder
from caseloom.learning.intake.encoder_build import EncoderFaulty
from caseloom.learning.mail_reader import MailReader
from caseloom.streams.door import the_door

log = logging.getLogger(__name__)


def make_encoder() -> Encoder | None:
    """The encoder that `caseloom encoder build` has made; None where there is none: messages are read by words then."""
    try:
        return SentenceEncoder(home_folder(os.environ) / "encoder")
    except (EncoderFaulty, ImportError) as fault:
        log.info("Messages are read without the sentence encoder: %s", fault)
        return None


def make_mail_reader() -> MailReader:
    """What reads messages with the model in force."""
    return MailReader(the_door(), make_encoder)


def run_learner(stop: threading.Event) -> None:
    """Work until told to stop. Django must be set up."""
    from caseloom.learning.service import run_learner as run

    run(stop, the_door(), make_encoder)
