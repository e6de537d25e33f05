/**
 * Words for looks that captions do not use but users might: the seeds around which the vocabulary grows.
 * One list per subject; spelling as the tokeniser leaves it.
 */
export const LOOK_WORDS: readonly string[] = [
  // colours and shades
  'red orange yellow green blue purple violet pink brown black white grey gray silver gold golden beige cream ivory',
  'turquoise teal cyan navy indigo magenta maroon burgundy crimson scarlet ruby emerald olive lime mint lavender lilac',
  'peach coral salmon tan bronze copper auburn chestnut platinum pastel neon bright dark light pale vivid colorful',
  // hair and head
  'hair haircut hairstyle wig ponytail braid braids dreadlocks afro curls wavy straight shaggy spiky mohawk fringe',
  'bangs bob bald shaved balding blonde brunette redhead ginger tousled long short thick thin dyed',
  // face
  'face head eye eyes nose mouth lips teeth tongue ear ears chin cheek cheeks forehead eyebrow eyebrows eyelashes',
  'freckles wrinkles scar complexion skin tanned beard moustache mustache goatee stubble whiskers sideburns shaven',
  // feelings and faces made
  'happy glad joyful cheerful merry delighted smiling grinning laughing sad unhappy gloomy miserable crying tears',
  'tearful depressed angry furious mad annoyed upset frowning scowling serious stern calm relaxed neutral bored',
  'surprised shocked astonished amazed startled scared afraid fearful terrified worried anxious nervous concerned',
  'confused puzzled excited thrilled sleepy sleeping tired asleep winking blinking staring disgusted proud shy',
  'embarrassed love loving romantic hearts screaming shouting yelling whispering singing talking kissing silly funny',
  // worn on the head and face
  'hat cap beanie bonnet beret helmet fedora sombrero turban scarf hood crown headband glasses spectacles eyeglasses',
  'sunglasses goggles shades lenses monocle mask eyepatch patch earring earrings necklace jewelry makeup lipstick',
  // clothes
  'clothes clothing dress skirt shirt blouse jacket coat blazer suit tuxedo tie sweater jumper pullover cardigan',
  'sweatshirt hoodie vest overalls dungarees jumpsuit uniform jeans trousers shorts robe collar sleeve wool cotton',
  'leather denim knitted striped plain fashionable elegant casual formal dressed wearing',
  // people and pictures
  'person people man woman boy girl child baby teenager adult lady gentleman guy kid grandmother grandfather friend',
  'portrait picture image photo photograph drawing cartoon illustration avatar character painting sketch icon emoji',
  'background backdrop wall sky young old elderly beautiful handsome pretty ugly cute cool strange friendly evil',
  'pirate wizard doctor soldier police chef teacher student king queen clown vampire zombie robot hero villain',
].flatMap((line) => line.split(' '));
