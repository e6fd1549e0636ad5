"""Phrases that describe the speaker without saying "you seem": the second half of `remarks`.

`ALWAYS` are remarks wherever they stand. `DELICATE` are remarks unless the clause tells what the
answer said, or they are said of somebody else in the story.
"""

from __future__ import annotations

FEELING_NOUNS = (
    r"rage|fury|heartbreak|misery|envy|hatred|longing|remorse|regrets|frustrations?|irritation"
    r"|bitterness|resentment|impatience|boredom|hostility|contempt|disgust"
    r"|despair|grief|panic|worry|worries|unease|discomfort|jealousy|pride|guilt|excitement"
    r"|enthusiasm|nervousness|insecurity|fear|anger|sadness|anxiety|shame|embarrassment|joy"
)
"""Feelings as things: whose they are, the sentence tells."""

MORE_STATES = (
    r"heartbroken|devastated|furious|livid|enraged|distraught|shaken|crushed|ecstatic|elated"
    r"|mortified|humiliated|bitter|defensive|fed up|distracted|impatient|resentful|jealous"
    r"|guilty|lonely|hopeless|hopeful"
    r"|desperate|panicked|panicky|terrified|petrified|jittery|jumpy|on edge|intimidated|rattled"
    r"|flustered|hurt|miserable|grumpy|cranky|sulky|thrilled|delighted|eager|grateful|homesick"
    r"|burn(?:ed|t)[- ]out|hung[- ]?over|drunk|disheartened|discouraged|offended|hostile|resigned"
    r"|self-conscious|starstruck|out of your depth|under stress|at ease|ill at ease"
)
"""States of mind, beside the feelings that `remarks` lists."""

MORE_TRAITS = (
    r"sweet|modest|vain|conceited|cocky|smug|pompous|proud of yourself|self-absorbed|self-centred"
    r"|self-centered|selfish|egotistical|egocentric|boastful|naive|gullible|cynical|pessimistic"
    r"|optimistic|stubborn|bossy|controlling|submissive|passive|passive-aggressive|manipulative"
    r"|sneaky|devious|two-faced|phony|fake|ambitious|driven|hard-working|hardworking|reserved"
    r"|aloof|detached|unfriendly|rude|abrasive|needy|clingy|insensitive|empathetic|compassionate"
    r"|caring|gentle|brave|cowardly|weak-willed|thick-skinned|thin-skinned|easy-going|laid-back"
    r"|uptight|gifted|talented|brilliant|dumb|ignorant|uneducated|simple-minded|slow-witted|bookish"
    r"|nerdy|eccentric|weird|odd|immoral|reliable|unreliable|loyal|disloyal"
)
"""Traits of character, likewise."""

_OF_A_PERSON = rf"(?:{MORE_STATES}|{MORE_TRAITS})"
_WE = r"(?:i|we|one|anyone|everybody|people|a listener|listeners|viewers?|an interviewer|they)"
_EMPLOYER = (
    r"(?:managers?|bosses|boss|compan(?:y|ies)|employers?|recruiters?|interviewers?|panels?"
    r"|hr|teams?|firms?)"
)
_PLACES = (
    r"americans?|british|english(?:man|woman)?|australians?|canadians?|irish|scottish|welsh|german"
    r"|french|spanish|italian|polish|russian|turkish|greek|dutch|swedish|nigerian|kenyan|ghanaian"
    r"|pakistani|bangladeshi|indian|chinese|japanese|korean|vietnamese|filipino|thai|brazilian"
    r"|mexican|iranian|israeli|european|african|asian|southern(?:er)?|northern(?:er)?|native"
)

_OBSERVABLE = (  # what an impression may be of: words, pace, sound and place, seen or heard
    r"clear(?:er|ly)?|unclear|brief|concise|specific|concrete|precise|vague|general|structured"
    r"|organi[sz]ed|prepared|rehearsed|scripted|off|rushed|hurried|quick|quicker|slow|slower|fast"
    r"|faster|quiet|quieter|loud|louder|soft|softer|muffled|flat|monotone|monotonous|even|steady"
    r"|steadier|distant|close|closer|far|centred|centered|upright|still|dark|bright|blurred|small"
    r"|twice|once|three|several|only|in|on|at|under|over|from|late|early|near|halfway|briefly|with"
    r"|without|when|where|after|before|during|by|as if reading|as though reading|to (?:read|look"
    r"|pause|stop|start|begin|end|skip|lose the|jump|turn|rush|speak|answer|repeat|restart|run"
    r"|finish|leave out|mean|say|describe|use|switch|be (?:reading|looking|speaking|cut))"
)
_QUALIFIED = (
    r"(?: (?:a|an|bit|little|very|quite|rather|more|less|most|too|so|somewhat|slightly|much|well"
    r"|pretty"
    r"|not|\w+ly))*+"
)
_SIGHT = (
    r"at|into|away|down|up|to|toward|towards|straight|off|aside|back|left|right|around|over|out"
    r"|for|through|directly|past the|beside|under|closely|each|ahead|here|there|like (?:in|at)"
)

ALWAYS = (
    # an impression of the speaker, of whatever kind: only of what is seen or heard it may be
    rf"you(?: \w+ly| also| still| may| might| would| can| do| did| not){{0,2}} (?:seem|sound|appear"
    r"|come across|come over|come off)(?:s|ed)?(?= )"
    rf"{_QUALIFIED} (?!(?:{_OBSERVABLE})\b)\w",
    rf"you(?: \w+ly| also| still)? look(?:ed)?{_QUALIFIED} (?!(?:{_OBSERVABLE}|{_SIGHT})\b)\w",
    r"(?:talk|speak|act|behave|move|think|answer)(?:s|ed|ing)? (?:just |exactly )?like (?:someone"
    r"|somebody|a person|an? (?!list|story|report)\w+(?= who)|kids|children|people|most|many|all"
    r"|old"
    r"|young)",
    # states and traits of the speaker
    r"\byou(?: (?:also|often|clearly|still|just|even|almost|nearly|probably|must|may|might|can"
    r"|could|would|do|did|not|have|had|are|were|\w+ly)){0,3} (?:are|were|be|been|seem|seemed|look"
    r"|looked|sound|sounded|appear|appeared|feel|felt|get|got|become|became|grew|come across"
    r"|came across|come over|came over)(?: (?:a|an|as|like|bit|little|very|quite|rather|more"
    r"|still|too"
    r"|so|and|or|of|to|be|\w+ly|visibly|bit of)){0,4}"
    rf" {_OF_A_PERSON}\b(?! (?:in|with|about) (?:the|your) (?:numbers?|wording|use|estimates?))",
    r"you(?: \w+ly)? (?:are|have) (?:a|an|the)(?: \w+)? (?:introvert|extrovert|perfectionist|leader"
    r"|follower|loner|know-it-all|people person|pessimist|optimist|narcissist|salesperson"
    r"|ego|temperament|personality|disposition|mindset of a|gift for|way with people)",
    r"you(?:'re| are) (?:someone|somebody|the (?:kind|sort|type) of|one of those|a person)",
    r"the (?:temperament|character|ego|soul|heart) of an?",
    r"come (?:over|across|off) as (?:a |an )?(?:bit of |kind of |sort of )?an? (?!answer|example"
    r"|list|story|summary)\w[\w-]+$|know-it-all|show-?off|big ego|huge ego",
    rf"(?:confident|insecure|timid|shy|calm|calmer|nervous|honest|sincere|smart|smarter"
    rf"|{MORE_TRAITS}"
    r"|mature|humble|kind|warm|cold|experienced|real|true) (?:person|individual|human|character"
    r"|soul"
    r"|leader|man|woman)(?:['’]s)? (?:would|does|might|could|never|is|speaks?)|(?:answer|words"
    r"|story"
    rf"|sign|mark) of an? (?:\w+ )?(?:timid|shy|insecure|nervous|weak|bitter|{MORE_TRAITS})",
    r"you (?:radiate|exude|ooze|emanate|brim with|glow with|are bursting with|are full of"
    r"|wear your heart)",
    r"(?:is|was|are|feels?|felt) (?:infectious|contagious|palpable)\b(?! (?:disease|illness))",
    r"(?:in|not in|part of) your nature|your (?:true|inner) \w+|inner (?:calm|strength|peace|child"
    r"|fire|turmoil)|you (?:\w+ly )?(?:crave|yearn|long for|need approval|exaggerate|brag|boast"
    r"|show off|make excuses|are making excuses)",
    r"what an? (?:\w+ (?:and )?){1,4}(?:person|man|woman|guy|girl|soul|personality|face|voice)\b",
    # what one feels about oneself
    r"you (?:\w+ )?(?:doubt|believe in|like|hate|love|trust|underestimate|overestimate"
    r"|pity)(?: \w+)?"
    r" yourself|believe in yourself|self-?worth\b|deep down,? you|inner (?:voice|critic|conflict)",
    r"(?:frightens?|scares?|terrifies|intimidates?|upsets?|bothers?|hurts?|overwhelms?) you\b"
    r"|(?:close|moved|near|brought) to tears|tears in|(?:about|going) to cry|you cried"
    r"|choked? up|lost your (?:temper|nerve|composure|cool)|(?:got|getting|get) the better of you",
    rf"(?:your|let(?:s|ting)?(?: your| the)?|hear(?:s|d)?(?: your)?) (?:\w+ )?(?:{FEELING_NOUNS})"
    r"(?: (?:show|shows|out|slip|through|is|was|comes?|came|at|about|when|in your))",
    rf"(?:{FEELING_NOUNS}) (?:creeps?|crept|shows? (?:through|here|in your)|comes? through"
    r"|came through|seeps?|slips?|speaks?|leaks?|takes? over|took over)",
    # truth
    r"\b(?:do|does|did)(?: not|n['’]t) (?:really |quite |seem to )?believe (?:what|it|this"
    r"|in what|your own|a word)|rings? (?:false|hollow|untrue|true)",
    rf"{_WE} (?:\w+ )?(?:am|are|is|was|were|would be|remain)?(?: \w+)? ?(?:not convinced"
    rf"|unconvinced"
    r"|sceptical|skeptical|doubtful|suspicious|believe you|trust you)",
    r"(?:really|actually|ever|truly) happened(?: to you| like that)?\s*\W*$|true (?:motives?"
    r"|intentions?|feelings|self)|(?:hide|hides|hiding|hid) (?:your|the) (?:true|real"
    r"|\w+ motives?)",
    r"(?:rehearsed|white|plain|outright|small|barefaced) lies?|pack of lies|half[- ]truths?"
    r"|embellish\w*|too good to be true|fabricat\w+ (?:story|example|account|it|this)",
    r"(?:buy|buying|bought|swallow) (?:your|this|that|the) (?:story|answer|example|claim|excuse)",
    r"(?:smells?|smack|smacks|reeks?) (?:of |like )?(?:\w+ )?(?:invent\w*|lies?|fake\w*|made)",
    r"you strike (?:me|us|one|people|a listener)|give(?:s)? the impression of (?:an? )?\w+ \w+"
    r"|you (?:want|need|try to make|wish) (?:everyone|everybody|people|others|them) (?:to )?"
    r"(?:like|admire|love|respect) you|you (?:\w+ )?(?:hide|mask|cover up) your (?:weak|fear|self"
    r"|doubt|true|real|age|feel)\w*|you (?:\w+ ){0,2}(?:get|got) over (?:that|the|it|your)",
    r"(?:not |is )?(?:someone|somebody|a person|the person) (?:i|we|one|people|others) (?:would"
    r"|could"
    r"|might|want|will)|you (?:would|will|could|might) make (?:any|every|the|a|our|them"
    r"|your) (?:\w+ )?"
    r"(?:team|boss|manager|company|employer|people)",
    r"you (?:\w+ )?(?:lack|have|show|need)(?: \w+)? (?:ambition|drive|grit|willpower|backbone|guts"
    r"|maturity|empathy|self-\w+|discipline|stamina|charisma|integrity)\b(?! (?:data|numbers?"
    r"|test))",
    r"sorrow|you (?:are|seem|look)(?: \w+){0,2} (?:well off|poor|rich|wealthy|working[- ]class|posh"
    r"|privileged|from (?:the country(?:side)?|a (?:poor|rich|small|village)))"
    r"|must be from\b|neurological",
    # stereotypes, age and origin
    r"kids these days|(?:your|for your) english (?:is|was|shows?|sounds?|suggests?|needs?|could"
    r"|will)|you (?:\w+ly )?(?:grew up|were (?:born|raised|brought up)) (?:poor|rich|in|abroad"
    r"|without|with|somewhere|elsewhere)|past your prime|on the spectrum",
    r"\b(?:as|for|being) (?:a|an) (?:\w+ )?(?:mother|father|mum|mom|dad|wife|husband|widow(?:er)?"
    r"|grand\w+|immigrant|refugee|christian|buddhist|sikh|atheist|catholic)\b,? (?:you|it|this"
    r"|that)",
    r"\b(?:wom[ae]n|men|girls|boys|millennials|boomers|zoomers|young people|old people"
    r"|older people)"
    r" (?:tend|often|usually|always|typically|like you|generally|are known|do this|talk like)",
    r"(?:at|for|of) your (?:age|generation|gender|sex|race|faith|nationality)|(?:from|of"
    r"|with) your "
    r"(?:background|country|culture|part of the world|generation|community|upbringing)"
    r" (?:would|should|often|usually|tend|are|is|can|may|might)",
    r"your (?:\w+ )?(?:upbringing|homeland|home country|native country|ancestry|ethnic \w+|roots"
    r"|generation|youthfulness|maturity)\b|where you (?:come|came|are|grew up|hail)(?: from)?\b"
    r"(?! (?:in|with) (?:the|this|that|your) (?:process|project|plan|story|answer|work))",
    r"you (?:\w+ )?(?:must|may|might|can(?:not)?) (?:not )?(?:still )?be (?:\w+ ){0,2}(?:young|old"
    r"|older|younger|new to (?:work|this country)|over|under|about|around)\b",
    rf"(?:sound|speak|talk|seem|look)(?:s|ing)?(?: a bit| a little| very| less| more| too)? "
    rf"(?:{_PLACES})\b(?! (?:with|to the|sentences))",
    r"\b(?:your|the)(?: \w+)? pronunciation (?:betrays?|shows?|gives?|tells?|reveals?|suggests?)"
    r"|roll(?:s|ed|ing)? (?:your|the) rs?\b",
    r"\b(?:manly|womanly|girlish|girly|boyish|effeminate|ladylike|motherly|fatherly|macho)\b",
    # health
    r"(?:hints?|points?|signs?|suggests?|indicat\w+|symptoms?)(?: \w+)? (?:at|to|of)? ?(?:an? )?"
    r"(?:asthma|depression|illness|disorder|condition|stutter|fatigue|stress|tourette\w*"
    r"|parkinson\w*"
    r"|trauma|burn-?out|insomnia|hangover|adhd|autism)",
    r"(?:see|consult|visit) (?:a|your) (?:doctor|therapist|psycholog\w+|psychiatr\w+|speech \w+)"
    r"|you (?:\w+ )?(?:seem to be|may be|might be|are) (?:on (?:medication|drugs|something)"
    r"|in (?:pain|therapy)|depressed|sick|ill)",
    r"(?:you|did)(?: did)? (?:not )?(?:sleep|slept|lost weight|gained weight|lose weight)",
    # looks
    r"your (?:\w+ )?(?:teeth|moustache|mustache|goatee|sideburns|piercings?|freckles|wig|perfume"
    r"|nails|lips|nose|double chin|forehead|bald\w*|figure (?:is|looks)|wrinkles?)\b"
    r"|(?:get rid of|shave|trim|grow|cut|dye) (?:the|your) (?:\w+ )?(?:moustache|mustache|beard"
    r"|hair|goatee|sideburns|stubble)",
    r"you (?:\w+ly )?look(?:ed)? (?:\w+ly |so |very )?(?:good|great|nice|fine|lovely|terrible|awful"
    r"|smart|fit|fresh|pale|rough|sharp|professional|presentable|unkempt|untidy|messy|stunning)\b",
    r"(?:lose|remove|change|without|swap) (?:the|your) (?:glasses|spectacles|hat|cap|tie|scarf"
    r"|piercing|jewell?ery|earrings?|necklace)|(?:bit|touch|hint|dash|lot|much) (?:of )?(?:lipstick"
    r"|powder|make-?up|perfume|hair ?spray)|losing your hair|hairline",
    rf"your (?:vowels|consonants|phrasing|grammar|speech|way of speaking|intonation) (?:is|are"
    rf"|sounds?)"
    rf"(?: \w+)? (?:{_PLACES})\b",
    r"(?:tid(?:y|ier)|neat(?:er)?|smart(?:er)?|sharp(?:er)?|professional|modern|younger"
    r"|fresh) look\b"
    r"|your (?:gr[ae]y|blond\w*|curly|long|short|messy|greasy|thinning|dyed) hair|gr[ae]y hair"
    r"|smile lines?|wrinkles?"
    r"|double chin|(?:good|perfect|crooked|yellow|white) teeth",
    r"(?:a|another|different|darker|lighter|plain|ironed|clean|formal) (?:\w+ )?(?:shirt"
    r"|blouse|jacket|suit|necktie|hoodie|t-shirt|sweater|haircut|hairdo|earrings?|lipstick)"
    r" (?:is|was|looks?|draws?|distracts?|suits?|would|for|in|makes?|gives?|hides?|helps?)",
    # verdicts
    rf"(?:{_EMPLOYER}|they|anyone|nobody|no one|everyone|i|we) (?:would|will|might|may|could|should"
    r"|can) (?:\w+ ){0,2}?(?:pick|take|choose|want|prefer|reject|hire|employ|promote|pay|keep|trust"
    r"|shortlist|call|invite|love|like) (?:you|someone like|to (?:hire|employ|have))\b",
    r"you (?:would|will|could|might|may|should|do|can)(?: not|n['’]t| never| surely| easily"
    r"| probably| certainly| hardly)? (?:get|land|win|earn|be given|be made|receive|do well"
    r"|do poorly|succeed|fail|thrive|struggle|excel|shine) (?:an?|the|this|that|in|at|as)"
    r" (?:\w+ ){0,2}?(?:offer|job|role|position|post|team|company|promotion|interview|call-?back"
    r"|workplace|career|leader|manager)",
    r"you (?:\w+ )?belong (?:in|on|to|at) |(?:not |are |were )?cut out for|(?:made|meant|born|built"
    r"|ready|too (?:junior|senior|young|old)) for (?:this|the|a|that) (?:\w+ )?(?:job|role|position"
    r"|post|work|team|company|leadership)|born (?:to|leader)|leadership material|\w+ material\W*$",
    r"(?:chances?|odds) (?:of|for) (?:getting|landing|a|an|the) (?:\w+ )?(?:job|offer|role"
    r"|position)",
)

DELICATE = (
    FEELING_NOUNS,
    r"you(?: \w+ly| really| still)? (?:hate|dislike|resent|despise|fear|dread|love|enjoy|adore)",
    r"asthma\w*|tourette\w*|parkinson\w*|epilep\w*|insomnia|bipolar|trauma(?:s|tis\w*)?",
    r"humility|modesty|vanity|ego|selfish\w*|naivety|stubborn\w*",
)

FROM_A_PLACE = (
    r"you (?:\w+ly )?(?:come|hail|are)(?: originally| obviously| clearly)? from (?-i:[A-Z][a-z]+)"
)
"""A remark likewise; the only one that a capital letter tells."""
