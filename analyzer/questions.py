"""The starter questions that `/analyze` offers before a member has asked any."""

from __future__ import annotations

STARTER_QUESTIONS = (
    "Tell me about yourself.",
    "Why do you want to work here?",
    "What is your greatest strength?",
    "What is a weakness you are working on?",
    "Tell me about a time you disagreed with a colleague.",
    "Describe a project you are proud of.",
    "Tell me about a mistake you made and what you changed afterwards.",
    "How do you decide what to do first when everything is urgent?",
    "Tell me about a time you had to learn something quickly.",
    "Describe a time you gave somebody difficult feedback.",
    "Where do you want to be in three years?",
    "Why are you leaving your current job?",
    "Tell me about a time you worked with a difficult customer.",
    "Describe a time you led without having the title.",
    "How do you handle a deadline you can't meet?",
    "Explain something technical to me as if I were new to it.",
    "Tell me about a bug that was hard to find.",
    "How do you make sure your work is correct?",
    "Describe a decision you made with too little information.",
    "Tell me about a time you changed your mind.",
    "What does a good team look like to you?",
    "How do you react to criticism?",
    "Tell me about a goal you did not reach.",
    "What questions do you have for us?",
)
