"""What the made voices say: sentences of interview answers, in English and in other languages.

Numbers are written as they are spoken, so that the words can be counted; each has one common
reading. All of it was written for this benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ENGLISH: Sequence[str] = (
    "I have worked as a software engineer for about six years now.",
    "In my last job I looked after the billing system of a small company.",
    "We had to move the whole database to a new server without any downtime.",
    "I think my greatest strength is that I finish what I begin.",
    "My biggest weakness is that I sometimes find it hard to say no to people.",
    "There was a disagreement in the team about which tool we should use.",
    "So I asked everybody to write down their reasons and we compared them.",
    "The result was that our customers could pay their invoices in half the time.",
    "I learned that it is better to tell people early when something goes wrong.",
    "I would like to work with a larger team and learn from experienced people.",
    "When the project started nobody had a clear idea of what the client wanted.",
    "I called the client every Monday and showed them what we had built so far.",
    "One of my colleagues left in the middle of the project and I took over her tasks.",
    "I had to learn a new programming language in less than three weeks.",
    "We tested every change on a copy of the real data before we released it.",
    "The deadline was very short so we decided to drop two of the features.",
    "My manager was surprised but she agreed after she saw the numbers.",
    "At university I studied economics and I also worked in a small shop.",
    "That job taught me how to talk to customers who are angry or disappointed.",
    "I am looking for a position where I can make decisions and see the results.",
    "The most difficult part was to convince the sales department to change their process.",
    "I prepared a short presentation and asked for ten minutes of their time.",
    "After the launch we had fewer complaints and the support team was relieved.",
    "If I could do it again I would involve the users from the very first day.",
    "I usually start my day by looking at the open questions and sorting them.",
    "Our team was spread over four countries so we had to write everything down.",
    "I like your company because you build things that people use every day.",
    "We measured how long each step took and removed the ones that added nothing.",
    "The feedback was honest and it helped me to become a better listener.",
    "It was a stressful week but everyone stayed calm and helped each other.",
    "My role was to coordinate the designers and the people who wrote the code.",
    "I made a mistake with an order and I told my supervisor right away.",
    "Then we called the customer and sent a replacement the same afternoon.",
    "For example I keep a list of questions that I ask before every new task.",
    "The second thing that I am proud of is a tool that I built for our warehouse.",
    "It saved the staff about an hour of work every single day.",
)

WITH_NUMBERS: Sequence[str] = (
    "We cut the costs by thirty five percent and served twelve thousand customers.",
    "There were two hundred and forty orders a day and I answered eighty seven of them.",
    "The budget was three hundred and fifty thousand dollars for eighteen months.",
    "I led a team of fourteen people and we closed ninety two percent of the tickets.",
)
"""Many numbers, which a recogniser writes as digits: one figure for several spoken words."""

FOREIGN: Mapping[str, str] = {
    "de": (
        "Ich arbeite seit sechs Jahren als Entwicklerin in einer kleinen Firma. Letztes Jahr "
        "mussten wir die ganze Datenbank auf einen neuen Rechner bringen, ohne dass die Kunden "
        "etwas davon merken. Ich habe zuerst alle Schritte aufgeschrieben und dann mit meinen "
        "Kollegen geübt. Am Ende hat alles gut funktioniert, und wir waren sehr erleichtert."
    ),
    "es": (
        "Trabajo desde hace seis años en una empresa pequeña que vende muebles. El año pasado "
        "tuvimos un problema con los pedidos y nadie sabía de dónde venía. Hablé con todos los "
        "compañeros, apunté cada paso y encontré el error en dos días. Desde entonces los clientes "
        "reciben sus muebles a tiempo y el equipo trabaja más tranquilo."
    ),
    "fr": (
        "Je travaille depuis six ans dans une petite entreprise de transport. L'année dernière "
        "nous avons perdu un client important parce que les livraisons arrivaient trop tard. J'ai "
        "demandé à chaque chauffeur ce qui le retardait, puis nous avons changé les horaires. "
        "Trois mois plus tard presque toutes les livraisons arrivaient à l'heure."
    ),
    "it": (
        "Lavoro da sei anni in una piccola azienda che produce scarpe. L'anno scorso abbiamo "
        "avuto un ritardo molto grave e il cliente era arrabbiato. Ho parlato con lui ogni giorno "
        "e ho spiegato che cosa stavamo facendo. Alla fine abbiamo consegnato tutto e il cliente "
        "ci ha chiesto di continuare a lavorare insieme."
    ),
    "pt": (
        "Trabalho há seis anos numa pequena empresa de viagens. No ano passado tivemos muitas "
        "reclamações porque ninguém respondia às mensagens. Eu organizei uma lista com todas as "
        "perguntas e escrevi respostas claras com a minha equipa. Depois de dois meses as "
        "reclamações diminuíram e os clientes ficaram mais contentes."
    ),
    "nl": (
        "Ik werk al zes jaar bij een klein bedrijf dat fietsen verkoopt. Vorig jaar liep de "
        "voorraad helemaal in de war en niemand wist waar de onderdelen waren. Ik heb samen met "
        "een collega alles geteld en een eenvoudig systeem gemaakt. Sindsdien vinden we elk "
        "onderdeel binnen een paar minuten en zijn de klanten tevreden."
    ),
    "pl": (
        "Od sześciu lat pracuję w małej firmie, która naprawia maszyny. W zeszłym roku mieliśmy "
        "duży problem, ponieważ ważna część nie dotarła na czas. Zadzwoniłem do wszystkich "
        "dostawców i znalazłem inną część w sąsiednim mieście. Klient był zadowolony i od tego "
        "czasu zamawia u nas wszystkie naprawy."
    ),
    "tr": (
        "Altı yıldır küçük bir şirkette yazılım geliştirici olarak çalışıyorum. Geçen yıl bütün "
        "verileri yeni bir sunucuya taşımamız gerekiyordu ve çok az zamanımız vardı. Önce bütün "
        "adımları yazdım, sonra arkadaşlarımla birlikte denedik. Sonunda her şey yolunda gitti ve "
        "müşterilerimiz hiçbir şey fark etmedi."
    ),
    "ru": (
        "Я шесть лет работаю в небольшой компании, которая продаёт книги. В прошлом году у нас "
        "сломалась система заказов, и никто не знал, что делать. Я записал все шаги, поговорил с "
        "коллегами и за два дня нашёл ошибку. Теперь заказы приходят вовремя, и покупатели снова "
        "довольны нашей работой."
    ),
    "sv": (
        "Jag har arbetat i sex år på ett litet företag som bygger båtar. Förra året blev en stor "
        "beställning försenad och kunden var mycket besviken. Jag ringde kunden varje vecka och "
        "berättade precis hur långt vi hade kommit. Till slut blev båten färdig och kunden "
        "beställde en till redan samma höst."
    ),
    "cmn": (
        "我在一家小公司工作了六年。去年我们的系统出了很大的问题，客户非常着急。我先把所有的步骤"
        "写下来，然后跟同事一起检查每一个部分。两天以后我们找到了错误，客户很满意。从那以后，我"
        "每个星期都检查一次系统，再也没有发生过同样的问题。"
    ),
    "hi": (
        "मैं छह साल से एक छोटी कंपनी में काम कर रहा हूँ। पिछले साल हमारे ग्राहक बहुत नाराज़ थे "
        "क्योंकि सामान समय पर नहीं पहुँचता था। मैंने सभी लोगों से बात की और हर काम का समय लिखा। "
        "दो महीने बाद लगभग सारा सामान समय पर पहुँचने लगा और ग्राहक फिर से खुश हो गए।"
    ),
}
"""Answers by espeak-ng's name of the language."""
